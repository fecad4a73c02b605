# Soft iWARP. Debian's kernel package does not have the module, Debian's kernel sources do: siw.ko is built once per kernel, from the same
# Debian version where the archive still has it, and brought into the guest by /ctl. Nothing is installed but a compiler.

SIW_TOOLS=(gcc=gcc make=make xz=xz-utils)

lab_siw() {
  local entry packages=()
  lab_prepare
  for entry in "${SIW_TOOLS[@]}"; do
    tool_present "${entry%%=*}" || packages+=("${entry#*=}")
  done
  [ ${#packages[@]} -eq 0 ] || install_packages "${packages[@]}"
  [ -e "$(siw_module)" ] || with_lock make_siw
  siw_module
}

siw_module() { echo "$CACHE/siw-$KERNEL_RELEASE/siw.ko"; }

make_siw() {
  local work=$CACHE/siw-$KERNEL_RELEASE.tmp start=$SECONDS
  [ ! -e "$(siw_module)" ] || return 0 # somebody else built it while we waited for the lock
  say "building siw.ko for $KERNEL_RELEASE"
  apt_lists
  rm -rf "$work"; mkdir -p "$work"/{packages,headers,siw}
  (cd "$work/packages" && mapfile -t names < <(siw_packages) && private_apt apt-get download -qq "${names[@]}" >/dev/null) ||
    unavailable "siw.ko cannot be built: this machine's Debian sources lack the kernel's headers or sources"
  find "$work/packages" -name 'linux-[hk]*.deb' | while read -r file; do unpack_package "$file" "$work/headers"; done
  dpkg-deb --fsys-tarfile "$(find "$work/packages" -name 'linux-source-*.deb')" | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
    tar -xJ -C "$work/siw" --strip-components=5 --wildcards '*/drivers/infiniband/sw/siw'
  repoint_headers "$work/headers"
  make -s -C "$work/headers/usr/src/linux-headers-$KERNEL_RELEASE" "M=$work/siw" CONFIG_RDMA_SIW=m CONFIG_DEBUG_INFO_BTF_MODULES= modules \
    >"$work/log" 2>&1 || { tail -n 5 "$work/log" >&2; unavailable "siw.ko does not build for $KERNEL_RELEASE on this machine"; }
  mkdir -p "$(dirname "$(siw_module)")"
  objcopy --strip-debug "$work/siw/siw.ko" "$(siw_module)"
  rm -rf "$work"
  say "built $(siw_module) in $((SECONDS - start)) s"
}

# The packages, each in the kernel's version if the archive has it.
siw_packages() {
  local name version kbuild=${KERNEL_RELEASE%-amd64} series
  series=$(cut -d. -f1-2 <<<"$KERNEL_RELEASE")
  version=$(dpkg-deb -f "$(kernel_archive)" Version)
  [ "$series" != 6.1 ] || kbuild=6.1
  for name in "linux-headers-$KERNEL_RELEASE" "linux-headers-${KERNEL_RELEASE%-amd64}-common" "linux-kbuild-$kbuild" "linux-source-$series"; do
    if private_apt apt-cache madison "$name" | awk '{ print $3 }' | grep -qxF "$version"; then echo "$name=$version"; else echo "$name"; fi
  done
}

# The kernel's package file of this image; another kernel's fetch may have replaced $CACHE/apt/kernel.
kernel_archive() { find "$CACHE/apt/cache/archives" -name "${KERNEL_PACKAGE}_*.deb" | sort -V | tail -n 1; }

# The headers' packages name each other by absolute paths; let these lead into the folder.
repoint_headers() { # FOLDER
  local link to
  find "$1/usr/src" -maxdepth 2 -type l | while read -r link; do
    to=$(readlink "$link")
    case $to in /*) ln -sfn "$1$to" "$link" ;; esac
  done
  find "$1/usr/src" -maxdepth 3 \( -name Makefile -o -name .kernelvariables \) -type f \
    -exec sed -i "s#\(^\|[ =]\)\(/usr/src/linux-headers\|/usr/lib/linux-kbuild\)#\1$1\2#g" {} +
}
