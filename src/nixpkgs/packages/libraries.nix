# Libraries. The plain attribute is the library itself; `dev` has its headers, and is what buildInputs takes of it.
final: previous:
let
  inherit (previous) lib;
  inherit (final) debianPackages;
  # library, its -dev package, and the package of its programs where there is one
  library = out: dev: bin:
    let
      package = debianPackages.${out};
      whole = package // {
        out = package;
        lib = package;
        dev = debianPackages.${dev};
        outputs = [ "out" "dev" ] ++ lib.optional (bin != null) "bin";
      } // lib.optionalAttrs (bin != null) { bin = debianPackages.${bin}; };
    in
    whole;
in
{
  zlib = library "zlib1g" "zlib1g-dev" null;
  libffi = library "libffi8" "libffi-dev" null;
  sqlite = library "libsqlite3-0" "libsqlite3-dev" "sqlite3";
  libxml2 = library "libxml2" "libxml2-dev" null;
  libxslt = library "libxslt1.1" "libxslt1-dev" null;
  libyaml = library "libyaml-0-2" "libyaml-dev" null;
  libpq = library "libpq5" "libpq-dev" null;
  readline = library "libreadline8" "libreadline-dev" null;
  ncurses = library "libncursesw6" "libncurses-dev" "ncurses-bin";
  libbz2 = library "libbz2-1.0" "libbz2-dev" "bzip2";
  liblzma = library "liblzma5" "liblzma-dev" "xz-utils";
  libevent = library "libevent-2.1-7" "libevent-dev" null;
  libuv = library "libuv1" "libuv1-dev" null;
  gmp = library "libgmp10" "libgmp-dev" null;
  pcre2 = library "libpcre2-8-0" "libpcre2-dev" null;
  expat = library "libexpat1" "libexpat1-dev" null;
  libjpeg = library "libjpeg62-turbo" "libjpeg62-turbo-dev" null;
  libpng = library "libpng16-16" "libpng-dev" null;
  freetype = library "libfreetype6" "libfreetype-dev" null;
  jansson = library "libjansson4" "libjansson-dev" null;
  libuuid = library "libuuid1" "uuid-dev" null;
  libcap = library "libcap2" "libcap-dev" null;
  libseccomp = library "libseccomp2" "libseccomp-dev" null;
  libarchive = library "libarchive13" "libarchive-dev" null;
  hiredis = library "libhiredis0.14" "libhiredis-dev" null;
  libsodium = library "libsodium23" "libsodium-dev" null;
  icu = library "libicu72" "libicu-dev" null;
  nlohmann_json = debianPackages.nlohmann-json3-dev;
  openblas = debianPackages.libopenblas0-pthread;
  tzdata = debianPackages.tzdata;
  iana-etc = debianPackages.netbase;
  mailcap = debianPackages.media-types;
  fontconfig = debianPackages.fontconfig;
  dejavu_fonts = debianPackages.fonts-dejavu-core;

}
