# What this machine must have: checked, and installed from its own Debian sources where missing.

host_tools() {
  local entry packages=()
  [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || unavailable "the lab needs Linux on x86-64, this is $(uname -s) on $(uname -m)"
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || unavailable "the lab needs a Debian machine: apt-get or dpkg-deb is missing"
  for entry in "${HOST_TOOLS[@]}"; do
    tool_present "${entry%%=*}" || packages+=("${entry#*=}")
  done
  [ ${#packages[@]} -eq 0 ] || install_packages "${packages[@]}"
}

# mke2fs and others live in sbin, which is not on every person's path.
PATH=$PATH:/usr/sbin:/sbin
tool_present() { command -v "$1" >/dev/null; }

install_packages() {
  local as=() log
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null ||
      unavailable "$* not installed and could not be installed: not root, and sudo is missing or wants a password"
    as=(sudo -n)
  fi
  say "installing $*"
  log=$(mktemp)
  if ! { "${as[@]}" apt-get update -qq && "${as[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends "$@"; } </dev/null >"$log" 2>&1; then
    local reason; reason=$(grep -m 1 '^E:' "$log" || tail -n 1 "$log"); rm -f "$log"
    unavailable "$* not installed and could not be installed: $reason"
  fi
  rm -f "$log"
}
