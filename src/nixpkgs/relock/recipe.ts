/**
 * What a re-lock has to be told, because no Debian index says it: which packages the set offers, which of them share
 * one store path, which dependencies exist for maintainer scripts only, who provides a virtual package.
 */
import type { PackageIndex } from './index.ts';

/** Debian packages that the set's attributes stand for; their dependencies follow. */
export const roots: readonly string[] = words(`
  bash bash-completion dash busybox-static coreutils findutils sed grep gawk mawk diffutils patch make tar gzip bzip2
  xz-utils zstd lz4 unzip zip file debianutils util-linux procps psmisc less nano vim-tiny tree htop hello rsync
  time bc m4 autoconf automake libtool bison flex gettext-base gperf cmake ninja-build meson pkgconf patchelf strace
  ncurses-bin ncurses-base ncurses-term parallel entr tmux screen moreutils pv jo jc
  curl wget ca-certificates openssl gnupg openssh-client tini dumb-init gosu supervisor cron
  redis-server nginx haproxy memcached apache2-bin lighttpd postgresql-client-15 postgresql-15 sqlite3
  mariadb-client mosquitto dnsmasq-base
  jq git git-lfs nodejs perl ruby3.1 ruby lua5.4 php8.2-cli tcl
  passwd login iproute2 iputils-ping netcat-openbsd socat dnsutils bind9-dnsutils net-tools iptables
  tzdata bubblewrap fakeroot proot cpio pigz pbzip2 lzip p7zip skopeo libc-bin netbase media-types
  gcc-12 g++-12 cpp-12 binutils libc6-dev gfortran-12
 
  zlib1g-dev libssl-dev libffi-dev libsqlite3-dev libcurl4-openssl-dev libxml2-dev libxslt1-dev libyaml-dev libpq-dev
  libreadline-dev libncurses-dev libbz2-dev liblzma-dev libzstd-dev libevent-dev libuv1-dev libgmp-dev libpcre2-dev
  libexpat1-dev libjpeg62-turbo-dev libpng-dev libfreetype-dev libjansson-dev uuid-dev libcap-dev libseccomp-dev
  libarchive-dev nlohmann-json3-dev libhiredis-dev libsodium-dev libprotobuf-dev
  python3-dev protobuf-compiler cython3 flit uvicorn gunicorn alembic celery mypy virtualenv black isort
  daphne httpie
  libjs-jquery fonts-dejavu-core fontconfig fd-find fzf
`);

/** Modules of python3Packages, by Debian's names without "python3-". */
export const pythonRoots: readonly string[] = words(`
  starlette uvicorn fastapi httpx requests flask flask-cors flask-login flask-sqlalchemy django djangorestframework
  jinja2 markupsafe werkzeug itsdangerous click typer rich tqdm colorama yaml toml tomli tomli-w tomlkit simplejson ujson msgpack
  numpy scipy pandas matplotlib sympy sklearn networkx pil h5py
  setuptools setuptools-scm wheel pip build installer hatchling hatch-vcs poetry-core pep517 pytest pytest-asyncio pytest-cov
  pytest-mock pytest-xdist hypothesis coverage mock virtualenv mypy
  gunicorn hypercorn tornado aiohttp aiofiles websockets websocket wsproto h11 h2 twisted gevent eventlet greenlet
  uvloop httptools trio anyio redis psycopg2 psycopg sqlalchemy alembic pymysql pymongo peewee asyncpg sqlparse
  cryptography openssl jwt passlib bcrypt nacl paramiko certifi urllib3 idna chardet charset-normalizer oauthlib requests-oauthlib
  bs4 lxml html5lib markdown docutils sphinx pygments jsonschema dateutil tz babel attr marshmallow pydantic
  cffi pycparser protobuf grpcio boto3 botocore celery kombu prometheus-client psutil docker dotenv
  decorator wrapt six packaging pyparsing pluggy more-itertools typing-extensions zipp importlib-metadata
  ipython prompt-toolkit docopt tabulate termcolor httplib2 zmq magic lz4 zstandard brotli xmltodict
  isort flake8 serial elasticsearch kafka pika loguru structlog sentry-sdk whitenoise daphne feedparser lark rsa google-auth
  ldap3 cachetools toolz regex unidecode slugify netaddr pycurl pycryptodome geopy shapely kubernetes requests-toolbelt
  flask-restful flask-migrate dateparser humanize pendulum arrow ruamel.yaml graphql-core wtforms tenacity backoff retrying
  pyfakefs freezegun responses vcr factory-boy zeep xlrd openpyxl xlsxwriter reportlab qrcode pycountry mistune bleach
  pytest-django pytest-flask pytest-timeout mongoengine pyotp gitlab github git textual nltk pexpect
  multipart email-validator dnspython semver distro filelock platformdirs watchdog sniffio async-timeout
`);

/**
 * Packages that share one store path: they look for each other by their place under one prefix (CPython's bin and lib,
 * gcc's programs), or depend on each other in a circle. Circles not named here are merged under their least name.
 */
export const groups: Readonly<Record<string, readonly string[]>> = {
  glibc: ['libc6', 'libgcc-s1', 'gcc-12-base'],
  'python3.11': [
    'python3.11',
    'python3.11-minimal',
    'libpython3.11-stdlib',
    'libpython3.11-minimal',
    'python3',
    'python3-minimal',
    'libpython3-stdlib',
    'python3-distutils',
    'python3-lib2to3',
  ],
  'python3-dev': ['python3-dev', 'python3.11-dev', 'libpython3-dev', 'libpython3.11-dev'],
  perl: ['perl', 'perl-base', 'libperl5.36', 'perl-modules-5.36'],
  nodejs: ['nodejs', 'libnode108', 'node-undici', 'node-busboy', 'node-cjs-module-lexer', 'node-acorn', 'node-xtend'],
  gcc: ['gcc-12', 'cpp-12', 'g++-12', 'libgcc-12-dev', 'libstdc++-12-dev'],
  gfortran: ['gfortran-12', 'libgfortran-12-dev'],
  binutils: [
    'binutils',
    'binutils-common',
    'libbinutils',
    'binutils-x86-64-linux-gnu',
    'binutils-aarch64-linux-gnu',
    'libctf0',
    'libctf-nobfd0',
    'libgprofng0',
  ],
  'libc6-dev': ['libc6-dev', 'linux-libc-dev', 'libcrypt-dev'],
  nginx: ['nginx', 'nginx-common'],
  redis: ['redis-server', 'redis-tools'],
  libmagic: ['libmagic1', 'libmagic-mgc'],
  cmake: ['cmake', 'cmake-data'],
  vim: ['vim-tiny', 'vim-common'],
  ruby: ['ruby3.1', 'libruby3.1', 'rubygems-integration', 'ruby', 'libruby'],
  postgresql: ['postgresql-15', 'postgresql-client-15'],
  // A module and its program, of which Debian makes two packages.
  'python3-uvicorn': ['python3-uvicorn', 'uvicorn'],
  'python3-gunicorn': ['python3-gunicorn', 'gunicorn'],
  'python3-alembic': ['python3-alembic', 'alembic'],
  'python3-celery': ['python3-celery', 'celery'],
  'python3-isort': ['python3-isort', 'isort'],
  'python3-daphne': ['python3-daphne', 'daphne'],
  'python3-mypy': ['python3-mypy', 'mypy'],
  // With the wheels that a new environment gets, which are looked for in one directory.
  'python3-virtualenv': [
    'python3-virtualenv',
    'virtualenv',
    'python3-pip-whl',
    'python3-setuptools-whl',
    'python3-wheel-whl',
  ],
};

/** Wanted by maintainer scripts, or documentation, or a whole init system: never needed to run a program. */
const dropped = new Set(
  words(`
  adduser passwd login debconf debconf-2.0 dpkg dpkg-dev lsb-base init-system-helpers sysvinit-utils sysv-rc usrmerge ucf mime-support
  base-files base-passwd debianutils install-info sensible-utils mailcap media-types git-man openssh-server logrotate psmisc
  libnss-systemd dbus dbus-user-session systemd systemd-sysv initscripts cron cron-daemon anacron exim4 default-mta
  mail-transport-agent e2fsprogs ssl-cert postgresql-common postgresql-client-common fontconfig-config
  xdg-utils libjs-sphinxdoc libjs-underscore sphinx-common locales man-db netbase dh-python
  python3-lib2to3-doc java-common ca-certificates-java libgprofng-dev manpages manpages-dev binfmt-support xml-core sgml-base
  libc-dev-bin libnsl-dev libtirpc-dev rpcsvc-proto readline-common libtirpc-common docutils-common python3-pep517-doc fonts-lyx python-matplotlib-data-doc ttf-bitstream-vera mysql-common-doc
`),
);

/** Dependencies that one package states and does not need here. */
const droppedBy: Readonly<Record<string, readonly string[]>> = {
  openssl: ['perl'],
  'ca-certificates': ['openssl'],
  'nginx-common': ['iproute2'],
  nginx: ['iproute2'],
  // For the module nis alone, which the set leaves out (debian/recipes.nix): Kerberos would come with it.
  'libpython3.11-stdlib': ['libnsl2', 'libtirpc3'],
  'libgcc-12-dev': ['libasan8', 'liblsan0', 'libtsan2', 'libubsan1', 'libitm1'],
  'gcc-12': ['libcc1-0'],
  'python3-scipy': ['python3-pythran'],
  'python3-fonttools': ['python3-scipy', 'python3-sympy', 'unicode-data', 'python3-fs', 'python3-lxml'],
  'python3-matplotlib': ['python3-pil.imagetk', 'python3-tk'],
  skopeo: ['golang-github-containers-common'],
  // For the just-in-time compiler alone, which is a plugin.
  'postgresql-15': ['libllvm14'],
};

export function isDropped(from: string, to: string): boolean {
  return dropped.has(to) || (to.startsWith('libpam') && to !== 'libpam0g') || (droppedBy[from]?.includes(to) ?? false);
}

/** Who stands for a virtual package, or for the first of several alternatives. */
const preferred: Readonly<Record<string, string>> = {
  'libblas.so.3': 'libopenblas0-pthread',
  libblas3: 'libopenblas0-pthread',
  'liblapack.so.3': 'libopenblas0-pthread',
  liblapack3: 'libopenblas0-pthread',
  libopenblas0: 'libopenblas0-pthread',
  awk: 'mawk',
  'c-compiler': 'gcc-12',
  gcc: 'gcc-12',
  'g++': 'g++-12',
  cpp: 'cpp-12',
  'libc-dev': 'libc6-dev',
  libgcc1: 'libgcc-s1',
};

export function preference(name: string, index: PackageIndex): string | undefined {
  const choice = preferred[name];
  return choice !== undefined && index.get(choice) ? choice : undefined;
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
