# $IMAGE: vmlinux, initrd.gz, root.img and, when all of it is there, complete.

build_image() {
  local work=$IMAGE.tmp size
  rm -rf "$work" "$IMAGE"
  mkdir -p "$work"/{kernel,root,initramfs}
  say "building the guest of $KERNEL_RELEASE"
  unpack_package "$(kernel_package_file)" "$work/kernel" --exclude='./usr/share/*'
  build_rootfs "$work/root"
  install_modules "$work/root" "$work/kernel"
  build_initramfs "$work/initramfs" "$work/root"
  (cd "$work/initramfs" && find . | cpio --quiet -o -H newc | gzip -1) >"$work/initrd.gz"

  size=$(($(du -sm "$work/root" | cut -f 1) * 115 / 100 + 200))
  truncate -s "${size}M" "$work/root.img"
  mke2fs -q -F -t ext4 -O ^has_journal,^metadata_csum,^64bit -m 0 -E lazy_itable_init=1,root_owner=0:0 -d "$work/root" "$work/root.img"

  # QEMU starts the unpacked ELF kernel as it is; unpacking it in the guest would take seconds at every boot.
  unpack_kernel "$work/kernel/boot/vmlinuz-$KERNEL_RELEASE" "$work/vmlinux" ||
    cp "$work/kernel/boot/vmlinuz-$KERNEL_RELEASE" "$work/vmlinux"
  rm -rf "$work"/{kernel,root,initramfs}
  touch "$work/complete"
  mv "$work" "$IMAGE"
}

# Busybox and the modules that mount the root disk. ext4 asks for crc32c by name, hence its module.
build_initramfs() {
  local to=$1 root=$2 modules=$2/lib/modules/$KERNEL_RELEASE module file
  mkdir -p "$to"/{bin,modules}
  cp "$root/bin/busybox" "$to/bin/"
  install -m 755 "$LAB/guest/initramfs-init" "$to/init"
  for module in virtio_pci virtio_blk crc32c_generic ext4; do module_closure "$modules" "$module"; done | awk '!seen[$0]++' |
    while read -r file; do
      cp "$modules/$file" "$to/modules/"
      basename "$file" >>"$to/modules/order"
    done
}

# unpack_kernel BZIMAGE FILE: finds the compressed ELF file in a boot image by its magic number.
unpack_kernel() {
  local magic unpack offset
  while read -r magic unpack; do
    for offset in $(LC_ALL=C grep -aboP "$magic" "$1" | cut -d: -f1); do
      tail -c +$((offset + 1)) "$1" | $unpack >"$2" 2>/dev/null || true
      [ "$(head -c 4 "$2" | od -An -tx1 | tr -d ' ')" != 7f454c46 ] || return 0
    done
  done <<'END'
\xFD7zXZ\x00 xz -dc
\x28\xB5\x2F\xFD zstd -dcq
\x1F\x8B\x08 gzip -dc
END
  rm -f "$2"
  return 1
}
