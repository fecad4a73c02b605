# Paths, messages, the lock.
CACHE=${LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nvmf-lab}

say() { echo "lab: $*" >&2; }
die() { say "$*"; exit 1; }

# The machine lacks something that cannot be provided here: callers skip on this exit code.
unavailable() { say "$*"; exit 69; }

# One fetch or build at a time on this machine. The lock ends with the sub-shell that holds it.
with_lock() {
  mkdir -p "$CACHE" || unavailable "cannot create the cache folder $CACHE"
  (
    flock -n 9 || { say "waiting for another lab.sh that is preparing the guest"; flock 9; }
    "$@"
  ) 9>"$CACHE/lock"
}

# lab_prepare: after it $IMAGE is complete.
lab_prepare() {
  host_tools
  with_lock resolve_kernel
  resolve_image
  [ -e "$IMAGE/complete" ] || with_lock make_image
  touch "$IMAGE/complete"
}

make_image() {
  [ ! -e "$IMAGE/complete" ] || return 0 # somebody else built it while we waited for the lock
  local start=$SECONDS
  fetch_packages
  build_image
  forget_old_images
  say "built $IMAGE in $((SECONDS - start)) s"
}

# What an interrupted build left, and images of other recipes that nobody has used for two weeks. Under the lock.
forget_old_images() {
  local mark
  rm -rf "$CACHE"/image-*.tmp
  find "$CACHE" -maxdepth 2 -path '*/image-*/complete' -mtime +14 | while read -r mark; do rm -rf "$(dirname "$mark")"; done
}

lab_clean() { with_lock find "$CACHE" -mindepth 1 -maxdepth 1 ! -name lock -exec rm -rf {} +; }
