#!/bin/bash
# Builds everything and runs the tests. The last line is "N passed, N failed, N skipped"; the exit code is 0 only if tests ran and none failed.
#
#   ./test.sh                 all test projects; installs what the interop tests need (QEMU, from this machine's Debian sources) if it is missing
#   ./test.sh NAME...         only the projects whose name contains one of these: ./test.sh EventLoop Transport.Tcp
#   ./test.sh --no-lab        all but tests/Interop, the real Linux kernel in a VM
#   ./test.sh --no-build      what is built already
#   ./test.sh --help
#
# Logs and results: artifacts/test-results; what the guest said and did: artifacts/interop. Environment: LAB_KERNEL, see tests/Interop/lab/lab.sh.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1

results=artifacts/test-results
lab=1 build=1 names=()
passed=0 failed=0 skipped=0

# Seconds after which a project's tests are killed and count as failed.
limit() { case $1 in Interop) echo 2100 ;; *) echo 420 ;; esac; }

main() {
  read_arguments "$@"
  command -v dotnet >/dev/null || { echo "test.sh: dotnet is missing: install the .NET 10 SDK"; finish_failed; }
  rm -rf "$results"; mkdir -p "$results"
  mapfile -t projects < <(selected_projects)
  [ ${#projects[@]} -gt 0 ] || { echo "test.sh: no test project is named like ${names[*]}"; finish_failed; }
  [ -z "$build" ] || build_all
  case " ${projects[*]} " in *" Interop "*) prepare_lab ;; esac
  local project
  for project in "${projects[@]}"; do run_project "$project"; done
  echo
  echo "$passed passed, $failed failed, $skipped skipped"
  [ $failed = 0 ] && [ $passed -gt 0 ]
}

read_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      --no-lab) lab= ;;
      --no-build) build= ;;
      -h | --help) sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
      -*) echo "test.sh: unknown option $1 (--help shows all)"; exit 2 ;;
      *) names+=("$1") ;;
    esac
    shift
  done
}

finish_failed() { echo "0 passed, 1 failed, 0 skipped"; exit 1; }

# The folders under tests that have tests, from the ground up, the VM last.
selected_projects() {
  local name wanted
  for name in Abstractions EventLoop Target Transport.Tcp Initiator Hosting '' Interop; do
    if [ -n "$name" ]; then all_projects | grep -x "$name"; else all_projects | grep -vxE 'Abstractions|EventLoop|Target|Transport.Tcp|Initiator|Hosting|Interop'; fi
  done | while read -r name; do
    [ "$name" != Interop ] || [ -n "$lab" ] || continue
    [ ${#names[@]} -gt 0 ] || echo "$name"
    for wanted in "${names[@]}"; do
      case $name in *"$wanted"*) echo "$name"; break ;; esac
    done
  done
}
all_projects() { find tests -mindepth 2 -maxdepth 2 -name '*.csproj' -printf '%h\n' | sed 's#^tests/##; s#[.]Tests$##' | sort; }
project_folder() { [ -d "tests/$1.Tests" ] && echo "tests/$1.Tests" || echo "tests/$1"; }

build_all() {
  echo "building"
  if ! dotnet build Transports.sln -nologo -v q -clp:NoSummary -warnaserror </dev/null >"$results/build.log" 2>&1; then
    grep -E ': (error|warning) ' "$results/build.log" | sort -u | head -n 50 || tail -n 30 "$results/build.log"
    echo "test.sh: the build failed"
    finish_failed
  fi
}

# Here and not only in the tests: it may take a minute the first time, and says what it does. The tests ask again and skip with the reason.
prepare_lab() {
  tests/Interop/lab/lab.sh prepare </dev/null 2>&1 || true
}

run_project() { # NAME
  local name=$1 folder log trx rc=0 start=$SECONDS ran
  folder=$(project_folder "$name"); log=$results/$name.log; trx=$results/$name.trx
  echo; echo "== $name"
  timeout -k 20 "$(limit "$name")" dotnet test "$folder" --no-build --nologo --results-directory "$results" \
    --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=normal" </dev/null 2>&1 |
    tee "$log" | if [ "$name" = Interop ]; then grep --line-buffered -E '^ +(Passed|Failed) .* \['; else cat >/dev/null; fi
  rc=${PIPESTATUS[0]}

  local p f s
  p=$(outcomes "$trx" Passed); f=$(outcomes "$trx" Failed); s=$(outcomes "$trx" NotExecuted)
  ran=$((p + f + s))
  if [ "$rc" != 0 ]; then
    show_failures "$log"
    case $rc in
      124 | 137) f=$((f + 1)); echo "test.sh: $name did not end within $(limit "$name") s and was killed; the end of $log:"; tail -n 30 "$log" ;;
      *) [ "$f" -gt 0 ] || { f=1; echo "test.sh: $name ended with exit code $rc and no failed test (a crash?); the end of $log:"; tail -n 60 "$log"; } ;;
    esac
  elif [ $ran = 0 ]; then
    echo "(no tests)"
  fi
  [ "$s" = 0 ] || skip_reasons "$trx"
  echo "$name: $p passed, $f failed, $s skipped in $((SECONDS - start)) s"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# outcomes TRX OUTCOME: how many results have it.
outcomes() {
  if [ -f "$1" ]; then sed -n 's/.*<UnitTestResult .* outcome="\([A-Za-z]*\)".*/\1/p' "$1" | grep -cx "$2"; else echo 0; fi
}

# Failed tests with their messages and stacks, without the noise of the runner.
show_failures() {
  awk '/^ +Failed /{on=1} /^ +(Passed|Skipped) /{on=0} /^(Test Run|Total tests|Results File)/{on=0} on && !/^\[xUnit/' "$1" | head -n 400
}

skip_reasons() {
  echo "skipped because:"
  awk '/<UnitTestResult .* outcome="NotExecuted"/{on=1} on && /<(Message|StdOut)>/{print} /<\/UnitTestResult>/{on=0}' "$1" |
    sed -E 's/<[^>]*>//g; s/^ +/  /' | sort | uniq -c | sort -rn | head -n 10
}

main "$@"
