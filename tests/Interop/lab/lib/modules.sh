# The kernel's modules: those of the recipe and what they depend on, uncompressed.

install_modules() { # ROOT KERNEL_FOLDER
  local root=$1 from=$2/lib/modules/$KERNEL_RELEASE to=$1/lib/modules/$KERNEL_RELEASE file
  guest_program "$root" bin/kmod depmod -b "$2" "$KERNEL_RELEASE" 2>/dev/null
  wanted_modules "$from" | sort -u | while read -r file; do
    install -D -m 644 "$from/$file" "$to/$file"
    case $file in *.xz) xz -d "$to/$file" ;; *.zst) zstd -q --rm -d "$to/$file" ;; esac
  done
  cp "$from"/modules.{builtin,builtin.modinfo,order} "$to/"
  guest_program "$root" bin/kmod depmod -b "$root" "$KERNEL_RELEASE"
}

wanted_modules() { # FOLDER
  local name
  for name in "${GUEST_MODULES[@]}"; do module_closure "$1" "$name"; done
  for name in "${GUEST_MODULE_FOLDERS[@]}"; do
    [ ! -d "$1/$name" ] || (cd "$1" && find "$name" -name '*.ko*')
  done
}

# module_closure FOLDER NAME: the module's file after those it needs, in the order in which they load; nothing if there is no such module.
# Lines of modules.dep are "file: needed needed ...", what is needed last comes first.
module_closure() {
  awk -v name="$2" '
    { file = $1; sub(":", "", file); base = file; sub(".*/", "", base); sub("[.]ko.*", "", base); gsub("-", "_", base) }
    base == name { for (i = NF; i > 1; i--) print $i; print file }' "$1/modules.dep"
}
