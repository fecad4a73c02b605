# Debian packages for the guest, by apt with a private state: nothing is installed here, no list of the system is touched.
# Sources, keys, proxies and preferences are the machine's own, other vendors' sources are left out.

private_apt() { APT_CONFIG=$CACHE/apt/apt.conf "$@"; }

# Lists of packages, at most a day old.
apt_lists() {
  local a=$CACHE/apt
  mkdir -p "$a"/{conf.d,sources.d,state/lists/partial,cache/archives/partial,cache/none/partial}
  : >"$a/no-status"
  configure_apt "$a"
  if [ -z "$(find "$a/state/lists" -name '*_Packages*' -mtime -1 -print -quit)" ]; then
    private_apt apt-get update -qq >&2 || unavailable "the guest's packages cannot be fetched: apt-get update failed with this machine's Debian sources"
  fi
}

configure_apt() { # FOLDER
  local a=$1
  rm -f "$a"/{conf.d,sources.d}/*
  if [ -s /etc/apt/sources.list ]; then cp /etc/apt/sources.list "$a/sources.list"; else : >"$a/sources.list"; fi
  find /etc/apt/sources.list.d \( -name '*.sources' -o -name '*.list' \) -exec grep -lis debian {} + | xargs -r cp -t "$a/sources.d"
  find /etc/apt/apt.conf.d -type f -exec cp -t "$a/conf.d" {} +
  echo "Dir::Etc::Parts \"$a/conf.d\";" >"$a/apt.conf"
  # Hooks of the machine's apt are about its own state.
  cat >"$a/conf.d/zz-lab" <<END
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
Dir::Etc::SourceList "$a/sources.list";
Dir::Etc::SourceParts "$a/sources.d";
Dir::State "$a/state";
Dir::State::Status "$a/no-status";
Dir::Cache "$a/cache";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "$(id -un)";
APT::Keep-Downloaded-Packages "true";
Acquire::ForceHash "SHA256";
Debug::NoLocking "true";
END
}

# Downloads the guest's packages with all they need, and the kernel. Afterwards $CACHE/apt/closure and kernel name exactly these files
# (asked of apt with an empty archive folder: it does not list what it already has).
fetch_packages() {
  local a=$CACHE/apt want
  apt_lists
  want=("${GUEST_PACKAGES[@]}")
  say "fetching the guest's packages and $KERNEL_PACKAGE"
  # apt checks each download against the signed index. What an earlier run left is checked again below, against the same index.
  private_apt apt-get install -qq -y --no-install-recommends --download-only "${want[@]}" >/dev/null || fetch_failed
  private_apt apt-get install -qq -y --no-install-recommends --download-only -o "Dir::Cache::Archives=$a/cache/none" --print-uris \
    "${want[@]}" >"$a/closure" || fetch_failed
  (cd "$a/cache/archives" && private_apt apt-get download -qq "$KERNEL_PACKAGE" >/dev/null) || fetch_failed
  (cd "$a/cache/none" && private_apt apt-get download -qq --print-uris "$KERNEL_PACKAGE") >"$a/kernel" || fetch_failed
  awk '{ sub("SHA256:", "", $4); print $4 "  " $2 }' "$a/closure" "$a/kernel" >"$a/SHA256SUMS"
  if ! (cd "$a/cache/archives" && sha256sum --check --quiet --strict "$a/SHA256SUMS" >&2); then
    (cd "$a/cache/archives" && cut -d' ' -f3 "$a/SHA256SUMS" | xargs -r rm -f)
    die "a package does not have the checksum of the signed package index; removed, run again"
  fi
}

fetch_failed() { unavailable "the guest's packages cannot be downloaded from this machine's Debian sources"; }

# guest_package_files: the userland's files; kernel_package_file: the kernel's.
guest_package_files() { awk -v d="$CACHE/apt/cache/archives/" '{ print d $2 }' "$CACHE/apt/closure"; }
kernel_package_file() { awk -v d="$CACHE/apt/cache/archives/" '{ print d $2 }' "$CACHE/apt/kernel"; }

# unpack_package FILE FOLDER [TAR OPTIONS]: no maintainer script runs.
unpack_package() { dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink --no-same-owner -C "$2" "${@:3}"; }
