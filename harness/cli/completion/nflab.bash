# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for nflab: commands, options from their own --help, labs, nodes, kernels, files.

_nflab_labs() { nflab status --json 2>/dev/null | sed -n 's/^      "name": "\(.*\)",*$/\1/p'; }

_nflab_nodes() { nflab status --json 2>/dev/null | sed -n 's/^          "name": "\(.*\)",*$/\1/p'; }

_nflab_kernels() { nflab kernels list --json 2>/dev/null | sed -n 's/^ *"name": "\(.*\)",*$/\1/p'; }

_nflab_commands() { nflab --help 2>/dev/null | sed -n '/^Subcommands:/,$s/^  \([a-z][a-z-]*\).*/\1/p'; }

_nflab() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=
    local i
    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} != -* ]] && { command=${COMP_WORDS[i]}; break; }
    done
    COMPREPLY=()
    if [[ -z $command ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_nflab_commands) --help --version --json" -- "$current")
        return
    fi
    case $previous in
    --kernel) mapfile -t COMPREPLY < <(compgen -W "$(_nflab_kernels)" -- "$current"; compgen -f -- "$current"); return ;;
    --accel) mapfile -t COMPREPLY < <(compgen -W "auto kvm tcg" -- "$current"); return ;;
    --template) mapfile -t COMPREPLY < <(compgen -W "router single" -- "$current"); return ;;
    --engine) mapfile -t COMPREPLY < <(compgen -W "nftables iptables-legacy iptables-nft" -- "$current"); return ;;
    --boot) mapfile -t COMPREPLY < <(compgen -W "fast faithful" -- "$current"); return ;;
    --from | --to) mapfile -t COMPREPLY < <(compgen -W "$(_nflab_nodes)" -- "$current"); return ;;
    --modules) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
    --report | --junit | --tap | --jsonl) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    esac
    if [[ $current == -* ]]; then
        local options
        options=$(nflab "$command" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' | sort -u)
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
        return
    fi
    case $command in
    run | up | validate | mutants | fmt | explain)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "$current"; compgen -f -X '!*.y*ml' -- "$current") ;;
    down | status | trace | why)
        mapfile -t COMPREPLY < <(compgen -W "$(_nflab_labs)" -- "$current") ;;
    exec | hooks | shell | console | tables)
        if ((COMP_CWORD == i + 1)); then
            mapfile -t COMPREPLY < <(compgen -W "$(_nflab_labs)" -- "$current")
        else
            mapfile -t COMPREPLY < <(compgen -W "$(_nflab_nodes)" -- "$current")
        fi ;;
    kernels) mapfile -t COMPREPLY < <(compgen -W "list fetch update sites $(_nflab_kernels)" -- "$current") ;;
    image) mapfile -t COMPREPLY < <(compgen -W "build export" -- "$current") ;;
    bench) mapfile -t COMPREPLY < <(compgen -W "boot attribution library" -- "$current") ;;
    cp) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    esac
}
complete -F _nflab nflab
