# Sourced by process 1, from /ctl: what this boot is for.

channel=/dev/console
for _ in {1..250}; do
  for name in /sys/class/virtio-ports/*/name; do
    [ -r "$name" ] && [ "$(cat "$name")" = channel ] && channel=/dev/$(basename "$(dirname "$name")")
  done
  [ $channel = /dev/console ] || break
  sleep 0.02
done

case $(cat /ctl/mode) in
  script)
    arguments=(); while IFS= read -r -d '' a; do arguments+=("$a"); done </ctl/arguments
    cd /host || exit
    mkfifo /run/output; cat </run/output >$channel & relay=$!
    setsid /ctl/script "${arguments[@]}" >/run/output 2>&1
    rc=$?
    # What the script left running in the background may hold its output open.
    for _ in {1..50}; do kill -0 $relay 2>/dev/null || break; sleep 0.02; done
    echo $rc >/ctl/rc
    ;;
  shell)
    cd /host || exit
    echo "guest $(uname -r), /host is the shared folder, . /ctl/lablib.sh has helpers; exit ends it" >$channel
    TERM=xterm socat "OPEN:$channel" "EXEC:bash -i,pty,setsid,ctty,sane,stderr"
    ;;
  agent)
    dmesg -n 8 # all of the kernel log goes to console.log
    . /ctl/agent.sh
    ;;
esac
