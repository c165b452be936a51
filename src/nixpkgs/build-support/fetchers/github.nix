# fetchFromGitHub: the archive that GitHub makes of a revision.
{ lib, fetchzip, fetchgit }:
lib.makeOverridable (
  { owner, repo, rev ? null, tag ? null, name ? "source", githubBase ? "github.com", fetchSubmodules ? false, leaveDotGit ? false
  , deepClone ? false, forceFetchGit ? false, private ? false, sparseCheckout ? [ ], fetchLFS ? false, passthru ? { }, meta ? { }, ...
  }@args:
  let
    wanted = lib.revOrTag rev tag;
    base = "https://${githubBase}/${owner}/${repo}";
    more = removeAttrs args [ "owner" "repo" "rev" "tag" "githubBase" "fetchSubmodules" "leaveDotGit" "deepClone" "forceFetchGit" "private" "sparseCheckout" "fetchLFS" "passthru" "meta" ];
    byGit = fetchSubmodules || leaveDotGit || deepClone || forceFetchGit || fetchLFS || sparseCheckout != [ ];
    source =
      if byGit then fetchgit (more // { inherit name fetchSubmodules leaveDotGit deepClone; url = "${base}.git"; rev = if tag != null then "refs/tags/${tag}" else rev; })
      else fetchzip (more // { inherit name; url = "${base}/archive/${if tag != null then "refs/tags/${tag}" else rev}.tar.gz"; });
  in
  source // { rev = wanted; inherit owner repo tag; gitRepoUrl = "${base}.git"; meta = { homepage = base; } // meta; })
