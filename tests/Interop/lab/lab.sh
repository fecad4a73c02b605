#!/bin/bash
# lab.sh: a stock Debian kernel under QEMU's software emulation, with the tools of an NVMe over Fabrics host in it.
#
#   lab.sh prepare             install the host tools that are missing, fetch and build the guest (nothing to do when it is there)
#   lab.sh siw                 prepare, and build soft iWARP's module, which is then /ctl/siw.ko in the guest; prints its file
#   lab.sh run [OPTIONS] SCRIPT [ARGUMENTS...]
#                              boot, run SCRIPT (a file of this machine) in the guest, stream its output, exit with its exit code;
#                              124: time-out, 125: the guest died
#   lab.sh shell [OPTIONS]     boot, and give a shell in the guest; ends with the shell
#   lab.sh agent [OPTIONS] DIR boot, and take orders on standard input (guest/agent.sh); DIR is the guest's /ctl and keeps console.log
#   lab.sh clean               remove everything that prepare made
#
# OPTIONS  -s DIR  folder of this machine seen as /host in the guest (default: the script's folder)
#          -t SEC  give up after SEC seconds (default 600)        -m MB  memory (default 1024)        -c N  processors (default 2)
#          -f H:G  forward 127.0.0.1:H of this machine to port G of the guest (repeatable)
#          -i      one processor whose clock counts instructions, a nanosecond each
#          -k      keep the run's folder (kernel console, script)
#
# In the guest 10.0.2.2 is this machine's loopback; /host is cached (changes during a run may not show), /ctl is not; dotnet is this machine's.
#
# Environment: LAB_KERNEL  6.1 (default where the Debian release has it) | 6.12 | ...
#              LAB_CACHE   default ${XDG_CACHE_HOME:-~/.cache}/nvmf-lab
#              LAB_APPEND  more kernel parameters
# Exit code 69 (and one line on standard error): this machine cannot have the lab, and why.
set -euo pipefail
LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for part in common recipe host fetch rootfs modules image siw qemu; do
  # shellcheck source=/dev/null
  . "$LAB/lib/$part.sh"
done

case ${1:-} in
  prepare) lab_prepare ;;
  siw) lab_siw ;;
  run) shift; lab_run "$@" ;;
  shell) shift; lab_shell "$@" ;;
  agent) shift; lab_agent "$@" ;;
  clean) lab_clean ;;
  *) sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
