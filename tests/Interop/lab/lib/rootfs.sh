# The guest's root file system, unpacked into a folder.

build_rootfs() { # FOLDER
  local root=$1 file folder
  mkdir -p "$root"/usr/{bin,sbin,lib,lib64}
  for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done
  guest_package_files | while read -r file; do
    unpack_package "$file" "$root" --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' \
      --exclude='./usr/share/info/*' --exclude='./usr/share/perl*' --exclude='./usr/lib/x86_64-linux-gnu/perl*'
  done
  fill_in_from_busybox "$root"
  mkdir -p "$root"/{proc,sys,dev,run,tmp,host,ctl,root,mnt,etc/nvme,var/tmp,usr/share/dotnet}
  ln -s ../share/dotnet/dotnet "$root/usr/bin/dotnet"
  chmod 1777 "$root/tmp" "$root/var/tmp"
  write_identity "$root/etc"
  install -m 755 "$LAB/guest/init" "$root/sbin/init"
}

fill_in_from_busybox() {
  local root=$1 applet
  for applet in $("$root/usr/bin/busybox" --list); do
    [ -e "$root/usr/bin/$applet" ] || [ -L "$root/usr/bin/$applet" ] || [ -e "$root/usr/sbin/$applet" ] || [ -L "$root/usr/sbin/$applet" ] ||
      ln -s /usr/bin/busybox "$root/usr/bin/$applet"
  done
  ln -sf bash "$root/usr/bin/sh"
}

write_identity() {
  local etc=$1
  echo lab >"$etc/hostname"
  : >"$etc/fstab"
  printf 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n' >"$etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\n' >"$etc/group"
  printf '127.0.0.1 localhost lab\n10.0.2.2 host\n' >"$etc/hosts"
  printf 'passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n' >"$etc/nsswitch.conf"
  # Linux 6.12 refuses a known host id that comes with another host NQN: these two change together.
  echo "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555" >"$etc/nvme/hostnqn"
  echo "11111111-2222-3333-4444-555555555555" >"$etc/nvme/hostid"
}

# guest_program ROOT FILE NAME ARGUMENTS...: runs a program of the guest here, without chroot (which would need root).
guest_program() {
  local lib=$1/usr/lib/x86_64-linux-gnu
  "$lib/ld-linux-x86-64.so.2" --argv0 "$3" --library-path "$lib" "$1/$2" "${@:4}"
}
