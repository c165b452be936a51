# fetchFromGitLab: the archive that GitLab makes of a revision.
{ lib, fetchzip, fetchgit }:
lib.makeOverridable (
  { owner, repo, rev ? null, tag ? null, protocol ? "https", domain ? "gitlab.com", name ? "source", group ? null, fetchSubmodules ? false
  , leaveDotGit ? false, deepClone ? false, forceFetchGit ? false, ...
  }@args:
  let
    wanted = lib.revOrTag rev tag;
    slug = lib.concatStringsSep "/" (lib.optional (group != null) group ++ [ owner repo ]);
    more = removeAttrs args [ "owner" "repo" "rev" "tag" "protocol" "domain" "group" "fetchSubmodules" "leaveDotGit" "deepClone" "forceFetchGit" ];
  in
  (if fetchSubmodules || leaveDotGit || deepClone || forceFetchGit
  then fetchgit (more // { inherit name fetchSubmodules leaveDotGit deepClone; url = "${protocol}://${domain}/${slug}.git"; rev = wanted; })
  else fetchzip (more // { inherit name; url = "${protocol}://${domain}/api/v4/projects/${lib.escapeURL slug}/repository/archive.tar.gz?sha=${lib.escapeURL wanted}"; extension = "tar.gz"; }))
  // { rev = wanted; inherit owner repo; meta.homepage = "${protocol}://${domain}/${slug}/"; })
