# Helpers for scripts in the guest: loaded before every step of the agent, `. /ctl/lablib.sh` elsewhere.

# within SECONDS COMMAND...: repeats the command until it succeeds.
within() {
  local end=$((SECONDS + $1)); shift
  until "$@"; do
    [ $SECONDS -lt $end ] || { echo "not in time: $*" >&2; return 1; }
    sleep 0.1
  done
}

# connect PORT NQN [OPTIONS OF nvme connect]: over TCP to this VM's host machine; prints the controller's name.
connect() { connect_to 10.0.2.2 "$@"; }

# connect_to ADDRESS PORT NQN [OPTIONS OF nvme connect]
connect_to() {
  local address=$1 port=$2 nqn=$3; shift 3
  nvme connect -t tcp -a "$address" -s "$port" -n "$nqn" -o json "$@" | sed -n 's/.*"device" *: *"\(.*\)".*/\1/p'
  return "${PIPESTATUS[0]}"
}

# device CONTROLLER NSID: prints the block device of a namespace, waiting for it to come.
device() { within 60 find_device "$1" "$2"; }
find_device() {
  local link
  for link in /sys/class/nvme/"$1"/nvme*; do # nvme0c1n2: a path, whose device is nvme0n2; nvme0n2: a device without multipath
    [ "$(cat "$link/nsid" 2>/dev/null)" = "$2" ] || continue
    link=${link##*/}; link=/dev/$(sed 's/c[0-9]*n/n/' <<<"$link")
    [ -b "$link" ] && echo "$link" && return
  done
  return 1
}

# state CONTROLLER: live, connecting, resetting...
state() { cat "/sys/class/nvme/$1/state"; }
is_state() { [ "$(state "$1" 2>/dev/null)" = "$2" ]; }

# freeze_network, thaw_network: everything between this guest and its host machine is dropped, both ways, without a sign to either.
freeze_network() {
  tc qdisc add dev eth0 clsact
  tc filter add dev eth0 ingress matchall action drop
  tc filter add dev eth0 egress matchall action drop
}
thaw_network() { tc qdisc del dev eth0 clsact; }

# start_nvmet tcp|rdma ADDRESS NQN PORT...: the kernel's own target, a RAM disk of 32 MiB behind one port per path.
start_nvmet() {
  local cfg=/sys/kernel/config/nvmet type=$1 address=$2 nqn=$3 port; shift 3
  modprobe -a nvmet "nvmet-$type"; modprobe brd rd_nr=1 rd_size=32768
  mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
  mkdir "$cfg/subsystems/$nqn" "$cfg/subsystems/$nqn/namespaces/1"
  echo 1 >"$cfg/subsystems/$nqn/attr_allow_any_host"
  # The same after a restart; otherwise the kernel makes one up, and a host takes it for another disk.
  echo 5fd1c4a0-6c1f-4a39-9c9b-000000000001 >"$cfg/subsystems/$nqn/namespaces/1/device_uuid"
  echo -n /dev/ram0 >"$cfg/subsystems/$nqn/namespaces/1/device_path"
  echo 1 >"$cfg/subsystems/$nqn/namespaces/1/enable"
  for port; do
    mkdir "$cfg/ports/$port"
    echo "$type" >"$cfg/ports/$port/addr_trtype"; echo ipv4 >"$cfg/ports/$port/addr_adrfam"
    echo "$address" >"$cfg/ports/$port/addr_traddr"; echo "$port" >"$cfg/ports/$port/addr_trsvcid"
    nvmet_path "$nqn" "$port" up
  done
}

# nvmet_path NQN PORT up|down: the subsystem comes to a port, or leaves it with every controller there.
nvmet_path() {
  local link=/sys/kernel/config/nvmet/ports/$2/subsystems/$1
  if [ "$3" = up ]; then ln -s "/sys/kernel/config/nvmet/subsystems/$1" "$link"; else rm "$link"; fi
}

# nvmet_host NQN HOST SECRET CONTROLLER_SECRET HASH GROUP: only this host, which must authenticate; the same once more changes it.
nvmet_host() {
  local cfg=/sys/kernel/config/nvmet host=/sys/kernel/config/nvmet/hosts/$2
  echo 0 >"$cfg/subsystems/$1/attr_allow_any_host"
  [ -d "$host" ] || { mkdir "$host"; ln -s "$host" "$cfg/subsystems/$1/allowed_hosts/"; }
  echo "$3" >"$host/dhchap_key"; echo "$4" >"$host/dhchap_ctrl_key"
  echo "hmac($5)" >"$host/dhchap_hash"; echo "$6" >"$host/dhchap_dhgroup"
}

stop_nvmet() {
  local cfg=/sys/kernel/config/nvmet
  [ -d "$cfg" ] || return 0
  rm -f "$cfg"/ports/*/subsystems/*
  rm -f "$cfg"/subsystems/*/allowed_hosts/*
  rmdir "$cfg"/hosts/* || true # mostly there are none
  rmdir "$cfg"/ports/* "$cfg"/subsystems/*/namespaces/* "$cfg"/subsystems/*
} 2>/dev/null

# clean_up: whatever a failed test left behind.
clean_up() {
  local device
  stop_nvmet
  tc qdisc del dev eth0 clsact 2>/dev/null; tc qdisc del dev lo root 2>/dev/null
  pkill -KILL fio; pkill -KILL socat
  umount -lq /mnt
  nvme disconnect-all
  # A program that opens a device in the moment of its removal may leave an ordinary file, and no device can have that name again.
  for device in /dev/nvme*; do
    [ ! -f "$device" ] || rm "$device"
  done
  pkill -KILL -x dotnet; ip netns del far 2>/dev/null
  rdma_wire_down 2>/dev/null
  for device in /sys/class/infiniband/*; do
    [ ! -e "$device" ] || rdma_down "${device##*/}"
  done
  true
}

# far_network_up LINE: a network namespace whose packets to here pass `tc netem LINE`; this end is 10.9.0.1, the far one 10.9.0.2.
far_network_up() {
  modprobe -a veth sch_netem
  # What the NVMe host sends stays in its pages until the target copies it, and hardened usercopy of 6.1 takes a piece that goes on behind a huge page for an attack.
  echo never >/sys/kernel/mm/transparent_hugepage/enabled
  ip netns add far
  ip link add near type veth peer name far0 netns far
  ip link set near mtu 9000 up; ip addr add 10.9.0.1/24 dev near
  ip -n far link set lo up; ip -n far link set far0 mtu 9000 up; ip -n far addr add 10.9.0.2/24 dev far0
  ip netns exec far tc qdisc add dev far0 root netem $1 limit 10000
}
in_far_network() { ip netns exec far "$@"; }

# near_line LINE: what `tc netem` does to the packets of this end.
near_line() { tc qdisc replace dev near root netem $1 limit 10000; }

# far_nvmet COMMAND...: the kernel's target opens its sockets in the network namespace of whoever brings a subsystem to a port. /sys stays this one's.
far_nvmet() { nsenter --net=/run/netns/far bash -c '. /ctl/lablib.sh; "$@"' far_nvmet "$@"; }

# http METHOD PATH BODY: an HTTP request to port 8080 of this guest; prints the whole answer. far_http: from inside the far namespace.
http_request='exec 3<>/dev/tcp/127.0.0.1/8080
  printf "%s %s HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" "$1" "$2" "${#3}" "$3" >&3
  cat <&3'
http() { bash -c "$http_request" http "$@"; }
far_http() { in_far_network bash -c "$http_request" far_http "$@"; }

# fio_verify DEVICE [FIO OPTIONS]: writes, then reads back and compares; fio's JSON result.
fio_verify() {
  local device=$1; shift
  fio --name=verify --filename="$device" --allow_file_create=0 --ioengine=libaio --direct=1 --rw=randwrite --verify=crc32c --do_verify=1 --verify_fatal=1 \
    --output-format=json "$@"
}

# rdma_up rxe|siw NAME ADDRESS: a soft RDMA device on a network device of its own, which has the address.
rdma_up() {
  local type=$1 name=$2 address=$3
  modprobe -a rdma_ucm ib_uverbs
  case $type in
    rxe) modprobe rdma_rxe ;;
    siw) modprobe -a iw_cm libcrc32c; lsmod | grep -q '^siw ' || insmod /ctl/siw.ko ;;
  esac
  ip link add "$name" type veth peer name "$name-peer"
  ip link set "$name-peer" up; ip link set "$name" up
  ip addr add "$address/24" dev "$name"
  rdma link add "$name" type "$type" netdev "$name"
  within 30 rdma_active "$name"
}
rdma_active() { rdma link show "$1/1" | grep -q 'state ACTIVE'; }

# rdma_down NAME
rdma_down() { rdma link delete "$1"; ip link delete "$1"; }

# rdma_wire_up NAME ADDRESS HOST_NAME HOST_ADDRESS: two soft RoCE devices whose packets to each other pass a bridge, `wire`, so that it can go down and neither device notices.
rdma_wire_up() {
  modprobe -a rdma_ucm ib_uverbs rdma_rxe veth bridge
  ip link add wire type bridge; ip link set wire up
  wire_end "$1" "$2"; wire_end "$3" "$4"
  wire_route "$1" "$2" "$3" "$4"; wire_route "$3" "$4" "$1" "$2"
  # Both addresses are this machine's own; unless the table of local addresses comes later, nothing between them leaves it.
  ip rule add pref 100 lookup local; ip rule del pref 0
  rdma link add "$1" type rxe netdev "$1"; rdma link add "$3" type rxe netdev "$3"
  within 30 rdma_active "$1"; within 30 rdma_active "$3"
}
wire_end() { # NAME ADDRESS
  ip link add "$1" type veth peer name "$1-peer"
  ip link set "$1-peer" master wire up; ip link set "$1" up
  echo 1 >"/proc/sys/net/ipv4/conf/$1/accept_local"
  ip addr add "$2/32" dev "$1"
}
# The neighbour is told, not asked for: one that does not answer would be an error to soft RoCE, and not a lost packet.
wire_route() { # NAME ADDRESS PEER PEER_ADDRESS
  ip neigh add "$4" lladdr "$(cat "/sys/class/net/$3/address")" dev "$1" nud permanent
  ip route add "$4" dev "$1" src "$2"
  ip rule add pref 10 iif lo to "$4" lookup main
}

# rdma_wire_down: both devices, and the wire.
rdma_wire_down() {
  local port
  [ -e /sys/class/net/wire ] || return 0
  ip rule add pref 0 lookup local; ip rule del pref 100
  while ip rule del pref 10; do :; done 2>/dev/null
  for port in /sys/class/net/wire/brif/*; do
    port=${port##*/}; rdma_down "${port%-peer}"
  done
  ip link delete wire
}
