# installBin, installManPage, installShellCompletion: files of a build at their usual places.
installBin() {
  local file
  for file in "$@"; do install -Dm755 -t "${!outputBin}/bin" "$file"; done
}

installManPage() {
  local file section
  for file in "$@"; do
    section=${file%.gz}
    section=${section##*.}
    install -Dm644 -t "${!outputMan}/share/man/man$section" "$file"
  done
}

# installShellCompletion [--cmd NAME] [--bash|--fish|--zsh] [--name NAME] FILE...
installShellCompletion() {
  local shell= name= cmd= file target
  while (($#)); do
    case "$1" in
      --bash | --fish | --zsh) shell=${1#--} ;;
      --name | --cmd)
        if [ "$1" = --name ]; then name=$2; else cmd=$2; fi
        shift
        ;;
      --name=*) name=${1#*=} ;;
      --cmd=*) cmd=${1#*=} ;;
      --) ;;
      *)
        file=$1
        local kind=$shell
        if [ -z "$kind" ]; then kind=${file##*.}; fi
        target=$name
        case "$kind" in
          bash) target=$out/share/bash-completion/completions/${target:-${cmd:+$cmd.bash}} ;;
          fish) target=$out/share/fish/vendor_completions.d/${target:-${cmd:+$cmd.fish}} ;;
          zsh) target=$out/share/zsh/site-functions/${target:-${cmd:+_$cmd}} ;;
          *)
            echo "installShellCompletion: no shell for $file: give --bash, --fish or --zsh" >&2
            return 1
            ;;
        esac
        if [[ $target == */ ]]; then target+=$(basename "$file"); fi
        mkdir -p "$(dirname "$target")"
        # A pipe (<(command)) can be read, not installed.
        cat "$file" >"$target"
        name=
        ;;
    esac
    shift
  done
}
