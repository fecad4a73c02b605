# Booting. The guest's /ctl is the run's folder: mode (script, shell or agent), script, arguments, rc, console.log.

lab_run() {
  local script
  options "$@"; set -- "${REST[@]}"
  [ $# -ge 1 ] || die "run: no script"
  script=$1; shift
  [ -r "$script" ] || die "run: cannot read $script"
  SHARE=${SHARE:-$(cd "$(dirname "$script")" && pwd)}
  run_folder
  cp "$script" "$RUN/script"; chmod 755 "$RUN/script"
  : >"$RUN/arguments"; [ $# -eq 0 ] || printf '%s\0' "$@" >"$RUN/arguments"
  # A FIFO that never ends: at end of file QEMU would close the channel that carries the output.
  mkfifo "$RUN/in"; exec 8<>"$RUN/in"
  boot script <&8
}

lab_shell() {
  local rc=0 saved
  options "$@"
  SHARE=${SHARE:-$PWD}
  [ -t 0 ] || die "shell: standard input is not a terminal"
  run_folder
  saved=$(stty -g); stty raw -echo isig
  boot shell || rc=$?
  stty "$saved"
  return "$rc"
}

lab_agent() {
  options "$@"; set -- "${REST[@]}"
  [ $# -eq 1 ] || die "agent: needs the run's folder"
  mkdir -p "$1"; RUN=$(cd "$1" && pwd); KEEP=1
  SHARE=${SHARE:-$RUN}
  boot agent
}

# Sets SHARE TIMEOUT MEMORY CPUS FORWARD COUNT KEEP and REST.
options() {
  SHARE='' TIMEOUT=600 MEMORY=1024 CPUS=2 FORWARD='' COUNT='' KEEP=''
  local o OPTIND=1
  while getopts s:t:m:c:f:ik o; do
    case $o in
      s) SHARE=$(cd "$OPTARG" && pwd) ;;
      t) TIMEOUT=$OPTARG ;;
      m) MEMORY=$OPTARG ;;
      c) CPUS=$OPTARG ;;
      f) FORWARD+=",hostfwd=tcp:127.0.0.1:${OPTARG%%:*}-:${OPTARG##*:}" ;;
      i) COUNT=1 ;;
      k) KEEP=1 ;;
      *) exit 2 ;;
    esac
  done
  shift $((OPTIND - 1)); REST=("$@")
}

run_folder() {
  RUN=$(mktemp -d "${TMPDIR:-/tmp}/nvmf-lab.XXXXXX")
  trap '[ -n "$KEEP" ] && say "kept $RUN" || rm -rf "$RUN"' EXIT
}

boot() { # MODE
  local rc=0
  lab_prepare
  echo "$1" >"$RUN/mode"; cp "$LAB"/guest/*.sh "$RUN/"; rm -f "$RUN/rc" "$RUN/siw.ko"
  [ ! -e "$(siw_module)" ] || cp "$(siw_module)" "$RUN/"
  qemu "$1" || rc=$?
  [ "$1" = script ] || return "$rc"
  if [ -s "$RUN/rc" ]; then return "$(cat "$RUN/rc")"; fi
  say "the guest gave no exit code; the end of its console:"
  tail -n 60 "$RUN/console.log" >&2
  [ "$rc" = 124 ] && return 124 || return 125
}

qemu() {
  # -smap: .NET resumes a thread with iretq in user mode now and then, and QEMU 7.2 reads its frame with the rights of the kernel, which SMAP forbids: an oops.
  # Commas in paths are doubled: QEMU's option syntax.
  local image=${IMAGE//,/,,} run=${RUN//,/,,} share=${SHARE//,/,,} dotnet
  local processor=(-accel tcg,thread=multi,tb-size=512 -cpu max,-smap -smp "$CPUS")
  # Every turn of a `rep movs` is counted. Without ERMS the kernel copies 8 bytes a turn instead of 1, which is nearer to what other code copies per instruction.
  [ -z "$COUNT" ] || processor=(-accel tcg,thread=single,tb-size=512 -cpu max,-smap,-erms,-fsrm -smp 1 -icount shift=0,sleep=on)
  dotnet=$(dotnet_folder)
  TMPDIR=$RUN timeout --foreground -k 5 "$TIMEOUT" nice -n 2 qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot \
    -machine pc "${processor[@]}" -m "$MEMORY" \
    -kernel "$IMAGE/vmlinux" -initrd "$IMAGE/initrd.gz" -append "$(kernel_parameters)" \
    -drive "file=$image/root.img,if=none,id=root,format=raw,snapshot=on,cache=unsafe,aio=threads" -device virtio-blk-pci,drive=root \
    -fsdev "local,id=ctl,path=$run,security_model=none" -device virtio-9p-pci,fsdev=ctl,mount_tag=ctl \
    -fsdev "local,id=host,path=$share,security_model=none,multidevs=remap" -device virtio-9p-pci,fsdev=host,mount_tag=host \
    -fsdev "local,id=dotnet,path=${dotnet//,/,,},security_model=none,readonly=on" -device virtio-9p-pci,fsdev=dotnet,mount_tag=dotnet \
    -netdev "user,id=net$FORWARD" -device virtio-net-pci,netdev=net,romfile= \
    -device virtio-rng-pci -device virtio-serial-pci \
    -chardev stdio,id=channel,signal=off -device virtserialport,chardev=channel,name=channel \
    -chardev "file,id=console,path=$run/console.log" -serial chardev:console
}

# No mitigations and watchdogs: emulation is slow enough, and a processor that is not scheduled for a second is normal here.
# no_timer_check: on a busy machine the emulated timer's interrupts can be so late that the kernel takes it for broken, and panics.
kernel_parameters() {
  echo "console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off nokaslr audit=0 apparmor=0 selinux=0 nowatchdog \
rcupdate.rcu_cpu_stall_suppress=1 tsc=reliable no_timer_check lpj=10400000 net.ifnames=0 ${LAB_APPEND:-}"
}

# This machine's .NET, which the guest mounts; an empty folder if there is none.
dotnet_folder() {
  if command -v dotnet >/dev/null; then dirname "$(readlink -f "$(command -v dotnet)")"; else mkdir -p "$RUN/none" && echo "$RUN/none"; fi
}
