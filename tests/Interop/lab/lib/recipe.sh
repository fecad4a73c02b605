# What is in the guest. Every change here (or in the scripts that build it) gives a new image: see image_path.

# Debian packages; their dependencies come with them.
GUEST_PACKAGES=(
  busybox-static bash coreutils util-linux mount procps kmod iproute2 # the system
  e2fsprogs nvme-cli fio socat                                        # what the tests use
  ibverbs-providers librdmacm1 libstdc++6 zlib1g libssl3              # what .NET and RDMA in the guest need
  strace tcpdump                                                      # what a person looks with
)

# Kernel modules; their dependencies come with them. Names that a kernel does not have are passed over.
GUEST_MODULES=(
  virtio_pci virtio_blk virtio_net virtio_console virtio_rng 9p 9pnet_virtio ext4 overlay loop configfs
  nvme_core nvme_fabrics nvme_tcp nvme_rdma nvme_loop nvme_auth nvme_keyring handshake tls
  nvmet nvmet_tcp nvmet_rdma null_blk brd
  ib_core ib_cm iw_cm rdma_cm ib_uverbs rdma_ucm rdma_rxe siw libcrc32c
  veth dummy bridge af_packet tcp_diag inet_diag
  sch_netem sch_tbf sch_fq sch_ingress cls_matchall cls_u32 act_gact act_mirred
  crc32c_intel crc32c_generic
)

# Crypto is asked for by name at run time (ext4 and nvme-tcp crc32c, rxe crc32, TLS gcm(aes)), not by dependencies: take these folders whole.
GUEST_MODULE_FOLDERS=(kernel/crypto kernel/arch/x86/crypto kernel/lib/crypto)

# Host tools: program=package.
HOST_TOOLS=(
  qemu-system-x86_64=qemu-system-x86 cpio=cpio mke2fs=e2fsprogs xz=xz-utils zstd=zstd flock=util-linux
)

debian_release() { (. /etc/os-release && echo "${VERSION_CODENAME:-unknown}"); }
kernel_record() { echo "$CACHE/kernel-${LAB_KERNEL:-default}-$(debian_release)"; }

# Finds the kernel package and remembers it, so that the guest in use does not change with every Debian update; `lab.sh clean` forgets it.
resolve_kernel() {
  local record package
  record=$(kernel_record)
  [ ! -s "$record" ] || return 0
  apt_lists
  package=$(newest_kernel_package "${LAB_KERNEL:-6.1}")
  if [ -z "$package" ] && [ -z "${LAB_KERNEL:-}" ]; then package=$(newest_kernel_package '[0-9]+'); fi
  [ -n "$package" ] || unavailable "this machine's Debian sources have no kernel ${LAB_KERNEL:-}"
  echo "$package" >"$record"
}

newest_kernel_package() {
  private_apt apt-cache pkgnames linux-image- | grep -xE "linux-image-$1[.][0-9][^ ]*-amd64" | grep -vE -- '-(rt|cloud)-' | sort -V | tail -n 1 || true
}

# Sets KERNEL_PACKAGE, KERNEL_RELEASE and IMAGE, the folder of the image of this recipe.
resolve_image() {
  KERNEL_PACKAGE=$(cat "$(kernel_record)")
  KERNEL_RELEASE=${KERNEL_PACKAGE#linux-image-}
  IMAGE=$CACHE/image-$KERNEL_RELEASE-$(recipe_hash)
}

recipe_hash() {
  {
    cat "$LAB"/lib/{recipe,fetch,rootfs,modules,image}.sh "$LAB"/guest/{initramfs-init,init}
    debian_release
  } | sha256sum | cut -c 1-12
}
