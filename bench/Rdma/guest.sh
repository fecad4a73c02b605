# Runs in the guest, whose clock counts instructions, a nanosecond each: `lab.sh run -i -s FOLDER_OF_TARGETHOST guest.sh rxe|siw ROUNDS SECONDS SETTLE CASE...`
# CASE is PATTERN:BLOCK:DEPTH:mem|null. Prints a line of numbers per round, see Sample.cs.
set -euo pipefail
. /ctl/lablib.sh

address=192.168.60.1
nqn=nqn.2026-11.dev.nvmf:bench
cfg=/sys/kernel/config/nvmet
shopt -s nullglob

# The kernel's target: a RAM disk and a disk without memory on port 4421.
start_kernel() {
  local n disks=(/dev/ram0 /dev/nullb0)
  modprobe -a nvmet nvmet-rdma; modprobe brd rd_nr=1 rd_size=65536; modprobe null_blk nr_devices=1 queue_mode=0 gb=1
  mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
  mkdir $cfg/subsystems/$nqn-kernel
  echo 1 >$cfg/subsystems/$nqn-kernel/attr_allow_any_host
  for n in 1 2; do
    mkdir $cfg/subsystems/$nqn-kernel/namespaces/$n
    echo -n "${disks[n - 1]}" >$cfg/subsystems/$nqn-kernel/namespaces/$n/device_path
    echo 1 >$cfg/subsystems/$nqn-kernel/namespaces/$n/enable
  done
  mkdir $cfg/ports/1
  echo rdma >$cfg/ports/1/addr_trtype; echo ipv4 >$cfg/ports/1/addr_adrfam
  echo $address >$cfg/ports/1/addr_traddr; echo 4421 >$cfg/ports/1/addr_trsvcid
  ln -s $cfg/subsystems/$nqn-kernel $cfg/ports/1/subsystems/
}

# Ours, with the same disks, on port 4420.
start_ours() {
  : >/run/ours
  dotnet TargetHost.dll --listen rdma://$address:4420 --nqn $nqn-ours --disk mem:64MiB --disk null:1GiB >/run/ours 2>&1 &
  ours=$!
  within 300 grep -q Listening /run/ours || { cat /run/ours; exit 1; }
}

connect_rdma() { # NAME PORT
  local device
  device=$(nvme connect -t rdma -a $address -s "$2" -n "$nqn-$1" -i 1 -k 600 -o json | sed -n 's/.*"device" *: *"\(.*\)".*/\1/p')
  device "$device" 1 >&2; device "$device" 2 >&2
  echo "$device"
}

# sample BLOCK_DEVICE: I/Os, clock, idle time, TargetHost's user time, in ns, and the time of every thread. No process is started for it.
sample() {
  local io cpu stat name ns rest file
  read -r -a io <"/sys/block/$1/stat"
  read -r -a cpu </proc/stat
  read -r -a stat <"/proc/$ours/stat"
  result=($((io[0] + io[4])) $((${EPOCHREALTIME/./} * 1000)) $(((cpu[4] + cpu[5]) * 10000000)) $((stat[13] * 10000000)))
  times=()
  for file in /proc/[0-9]*/task/*/schedstat; do
    read -r ns rest <"$file" && read -r name <"${file%schedstat}comm" && times[$file]=$ns && names[$file]=$name
  done 2>/dev/null || true
}

# share PATTERN: time between two samples of the threads whose file and name ("/proc/1/task/1/schedstat init") match. Those that ended meanwhile are missing.
share() {
  local thread sum=0
  for thread in "${!times[@]}"; do
    # shellcheck disable=SC2053
    if [[ "$thread ${names[$thread]}" == $1 ]]; then sum=$((sum + ${times[$thread]} - ${earlier[$thread]:-0})); fi
  done
  echo $sum
}

# load CASE TARGET: starts fio on the case's disk.
load() {
  local pattern block depth disk
  IFS=: read -r pattern block depth disk <<<"$1"
  block_device=$(device "${controller[$2]}" "${namespace[$disk]}"); block_device=${block_device#/dev/}
  fio --name=load --filename=/dev/$block_device --direct=1 --ioengine=libaio --rw="$pattern" --bs="$block" --iodepth="$depth" --size=60m --norandommap --gtod_reduce=1 \
    --time_based --runtime=10000 >/run/fio 2>&1 &
  load=$!
}
unload() { kill -INT $load; wait $load || true; }

measure() { # ROUND CASE TARGET
  local before i thread
  load "$2" "$3"; sleep 0.5
  sample $block_device
  before=("${result[@]}"); earlier=()
  for thread in "${!times[@]}"; do earlier[$thread]=${times[$thread]}; done
  sleep "$seconds"
  sample $block_device
  unload
  for i in "${!result[@]}"; do result[i]=$((result[i] - before[i])); done
  echo "round $1 $2 $3 ${result[*]} $(share "/proc/$ours/*") $(share '* fio') $(share '* kworker/*H*') $(share '* ksoftirqd*')"
}

type=$1 rounds=$2 seconds=$3 settle=$4; shift 4
modprobe nvme-core multipath=N; modprobe nvme-rdma # a device of several paths counts no I/Os
rdma_up "$type" bench0 $address
start_kernel
start_ours
declare -A controller times names earlier namespace=([mem]=1 [null]=2)
controller[ours]=$(connect_rdma ours 4420)
controller[kernel]=$(connect_rdma kernel 4421)
for case; do
  for target in kernel ours; do load "$case" $target; sleep "$settle"; unload; done
done
for ((round = 1; round <= rounds; round++)); do
  for case; do
    # Who goes first changes from round to round.
    if ((round % 2)); then order=(ours kernel); else order=(kernel ours); fi
    for target in "${order[@]}"; do measure $round "$case" $target; done
  done
done
nvme disconnect-all
kill -TERM $ours; wait $ours || true
