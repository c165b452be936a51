# Platforms: "x86_64-linux" and what follows from it (the predicates and names that expressions ask a platform for).
{ lib }:
let
  cpus = {
    x86_64 = { bits = 64; family = "x86"; arch = "x86-64"; go = "amd64"; docker = "amd64"; debian = "amd64"; linux = "x86_64"; };
    i686 = { bits = 32; family = "x86"; arch = "i686"; go = "386"; docker = "386"; debian = "i386"; linux = "i386"; };
    aarch64 = { bits = 64; family = "arm"; arch = "armv8-a"; go = "arm64"; docker = "arm64"; debian = "arm64"; linux = "arm64"; version = "8"; };
    armv7l = { bits = 32; family = "arm"; arch = "armv7-a"; go = "arm"; docker = "arm"; debian = "armhf"; linux = "arm"; version = "7"; };
    riscv64 = { bits = 64; family = "riscv"; arch = "rv64gc"; go = "riscv64"; docker = "riscv64"; debian = "riscv64"; linux = "riscv"; };
    powerpc64le = { bits = 64; family = "power"; arch = "powerpc64le"; go = "ppc64le"; docker = "ppc64le"; debian = "ppc64el"; linux = "powerpc"; };
    s390x = { bits = 64; family = "s390"; arch = "z10"; go = "s390x"; docker = "s390x"; debian = "s390x"; linux = "s390"; };
  };
  linux = map (cpu: "${cpu}-linux") (builtins.attrNames cpus);
  darwin = [ "aarch64-darwin" "x86_64-darwin" ];
  elaborate = given:
    let
      args = if builtins.isString given then { system = given; } else given;
      system = args.system or (systemOfConfig args.config);
      parts = lib.splitString "-" system;
      cpuName = builtins.head parts;
      kernel = builtins.elemAt parts 1;
      cpu = cpus.${cpuName} or (throw "Unknown CPU type: ${cpuName}");
      isLinux = kernel == "linux";
      isDarwin = kernel == "darwin";
      final = {
        inherit system isLinux isDarwin;
        config = if isLinux then "${cpuName}-unknown-linux-gnu" else "${cpuName}-apple-darwin";
        parsed = {
          _type = "system";
          cpu = { _type = "cpu-type"; name = cpuName; inherit (cpu) bits family; significantByte = { name = if cpuName == "s390x" then "bigEndian" else "littleEndian"; }; }
            // lib.optionalAttrs (cpu ? version) { inherit (cpu) version; };
          kernel = { _type = "kernel"; name = kernel; execFormat = { name = if isLinux then "elf" else "macho"; }; families = { }; };
          vendor = { _type = "vendor"; name = if isLinux then "unknown" else "apple"; };
          abi = { _type = "abi"; name = if isLinux then "gnu" else "unknown"; };
        };
        libc = if isLinux then "glibc" else "libSystem";
        isx86_64 = cpuName == "x86_64";
        isx86_32 = cpuName == "i686";
        isi686 = cpuName == "i686";
        isx86 = cpu.family == "x86";
        isAarch64 = cpuName == "aarch64";
        isAarch32 = cpuName == "armv7l";
        isAarch = cpu.family == "arm";
        isArmv7 = cpuName == "armv7l";
        isRiscV = cpu.family == "riscv";
        isRiscV64 = cpuName == "riscv64";
        isPower = cpu.family == "power";
        is64bit = cpu.bits == 64;
        is32bit = cpu.bits == 32;
        isLittleEndian = cpuName != "s390x";
        isBigEndian = cpuName == "s390x";
        isGnu = isLinux;
        isMusl = false;
        isStatic = false;
        isUnix = true;
        isBSD = isDarwin;
        isFreeBSD = false;
        isOpenBSD = false;
        isNetBSD = false;
        isWindows = false;
        isCygwin = false;
        isMinGW = false;
        isWasm = false;
        isWasi = false;
        isGhcjs = false;
        isAndroid = false;
        isNone = false;
        isElf = isLinux;
        isMacho = isDarwin;
        isMacOS = isDarwin;
        isiOS = false;
        isSunOS = false;
        hasSharedLibraries = true;
        useLLVM = isDarwin;
        extensions = {
          sharedLibrary = if isDarwin then ".dylib" else ".so";
          staticLibrary = ".a";
          library = if isDarwin then ".dylib" else ".so";
          executable = "";
        };
        linuxArch = cpu.linux;
        darwinArch = if cpuName == "aarch64" then "arm64" else cpuName;
        qemuArch = if cpuName == "i686" then "i386" else cpuName;
        uname = { system = if isDarwin then "Darwin" else "Linux"; processor = cpuName; release = null; };
        go = { GOARCH = cpu.go; GOOS = kernel; };
        debianArchitecture = cpu.debian;
        # Where Debian keeps libraries: its "multiarch tuple".
        multiarch = if cpuName == "i686" then "i386-linux-gnu" else if cpuName == "armv7l" then "arm-linux-gnueabihf" else "${cpuName}-linux-gnu";
        gcc = { inherit (cpu) arch; };
        linux-kernel = { target = if cpu.family == "x86" then "bzImage" else "Image"; };
        rust = { rustcTarget = final.config; };
        emulatorAvailable = _: false;
        canExecute = other: other.system or null == system;
        equals = other: other.system or null == system;
        isCompatible = other: other.system or null == system;
      };
    in
    final // removeAttrs args [ "system" "config" ];
  systemOfConfig = config:
    let parts = lib.splitString "-" config; in
    "${builtins.head parts}-${if lib.hasInfix "darwin" config then "darwin" else "linux"}";
in
{
  inherit elaborate;
  flakeExposed = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" "i686-linux" "armv7l-linux" "riscv64-linux" "powerpc64le-linux" ];
  equals = a: b: a.system == b.system;
  parse.mkSystemFromString = text: (elaborate text).parsed;
  parse.doubleFromSystem = parsed: "${parsed.cpu.name}-${parsed.kernel.name}";
  examples = {
    gnu64 = { config = "x86_64-unknown-linux-gnu"; };
    aarch64-multiplatform = { config = "aarch64-unknown-linux-gnu"; };
    riscv64 = { config = "riscv64-unknown-linux-gnu"; };
  };
  inspect.patterns = { isLinux.kernel.name = "linux"; isDarwin.kernel.name = "darwin"; isx86_64.cpu.name = "x86_64"; isAarch64.cpu.name = "aarch64"; };
  doubles = rec {
    all = linux ++ darwin;
    inherit linux darwin;
    unix = all;
    gnu = linux;
    x86 = [ "i686-linux" "x86_64-darwin" "x86_64-linux" ];
    x86_64 = [ "x86_64-darwin" "x86_64-linux" ];
    i686 = [ "i686-linux" ];
    arm = [ "armv7l-linux" ];
    armv7 = arm;
    aarch64 = [ "aarch64-darwin" "aarch64-linux" ];
    riscv = [ "riscv64-linux" ];
    riscv64 = riscv;
    none = [ ];
    freebsd = [ ];
    netbsd = [ ];
    openbsd = [ ];
    windows = [ ];
    cygwin = [ ];
    mesaPlatforms = all;
  };
}
