# The command channel. Orders come as lines from the host, answers go back as lines; scripts and their output lie in /ctl/steps.
#
#   host → guest                          guest → host
#                                         ready KERNEL     once
#   run ID      steps/ID.sh, at once      done ID RC       its output is complete in steps/ID.out
#   kill ID     its whole session
#   ping ID                               pong ID
#   off
#
# End of file on the channel (the host's side is gone) powers off, too.
exec 5<>$channel
echo "ready $(uname -r)" >&5

run_step() {
  setsid bash -c 'echo $$ >/run/step-$1; cd /tmp; . /ctl/lablib.sh; . /ctl/steps/$1.sh' step "$1" >"/ctl/steps/$1.out" 2>&1 5>&- </dev/null
  echo "done $1 $?" >&5
  rm -f "/run/step-$1"
}

while read -r order id <&5; do
  case $order in
    run) run_step "$id" & ;;
    kill) pkill -KILL -s "$(cat "/run/step-$id")" ;;
    ping) echo "pong $id" >&5 ;;
    off) break ;;
  esac
done
