# bash completion for ruchectl
# SPDX-License-Identifier: GPL-3.0-or-later

_ruchectl () {
  local cur prev words cword
  _init_completion || return
  local commands="up down run submit jobs show output wait cancel delete servers help"
  local common="--master --json --help"
  local job="--language --main --input --arg --flags --cpu --wall --memory --processes --output
    --disk --priority --server --attempts"
  local command="" word

  for word in "${words[@]:1:cword-1}"; do
    [[ " $commands " == *" $word "* ]] && { command=$word; break; }
  done
  case $prev in
    --input|-i|--master) _filedir; return ;;
    --priority) mapfile -t COMPREPLY < <(compgen -W "low normal high" -- "$cur"); return ;;
    --server)
      mapfile -t COMPREPLY < <(compgen -W "$(ruchectl servers 2>/dev/null | awk 'NR > 1 {print $1}')" -- "$cur")
      return ;;
  esac
  case $command in
    "") mapfile -t COMPREPLY < <(compgen -W "$commands --master --version --help" -- "$cur") ;;
    help) mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur") ;;
    run|submit)
      if [[ $cur == -* ]]; then
        [[ $command == run ]] && job="$job --verbose --quiet"
        mapfile -t COMPREPLY < <(compgen -W "$job $common" -- "$cur")
      else
        _filedir
      fi ;;
    show|output|wait|cancel|delete)
      if [[ $cur == -* ]]; then
        [[ $command == output ]] && common="$common --stderr --compiler --attempt"
        mapfile -t COMPREPLY < <(compgen -W "$common" -- "$cur")
      else
        mapfile -t COMPREPLY < <(compgen -W "$(ruchectl jobs 2>/dev/null | awk 'NR > 1 {print $1}')" -- "$cur")
      fi ;;
    up) mapfile -t COMPREPLY < <(compgen -W "--slaves --help" -- "$cur") ;;
    jobs) mapfile -t COMPREPLY < <(compgen -W "--limit --all $common" -- "$cur") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$common" -- "$cur") ;;
  esac
}

complete -F _ruchectl ruchectl
