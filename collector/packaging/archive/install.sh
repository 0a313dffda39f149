#!/bin/sh
# Installs the collector from the archive that this file came in, or removes it.
set -eu
# The services' users read what root installs, whatever root's own umask is.
umask 022

usage() {
  cat <<'END'
Usage: ./install.sh [--prefix FOLDER] [--root FOLDER] [--no-start]
       ./install.sh --uninstall [--purge] [--prefix FOLDER] [--root FOLDER]

  --prefix FOLDER   where programs, manual pages and completion go (default: /usr/local)
  --root FOLDER     installs below this folder, for an image: no users are made, nothing is started
  --no-start        does not enable and start perfcollector.service
  --uninstall       stops the services and removes the files; settings and data stay
  --purge           with --uninstall: also removes /etc/perfcollector, what the services keep in /var/lib, their variables in
                    /etc/default, and the users
END
}

fail() {
  echo "install.sh: $1" >&2
  exit "$2"
}

prefix=/usr/local root='' start=yes action=install purge=no
while [ $# -gt 0 ]; do
  case "$1" in
  --prefix | --root)
    [ $# -ge 2 ] || fail "$1 needs a folder" 64
    case "$2" in
    /*) ;;
    *) fail "$1 \"$2\" does not begin with /" 64 ;;
    esac
    if [ "$1" = --prefix ]; then prefix=${2%/}; else root=${2%/}; fi
    shift
    ;;
  --no-start) start=no ;;
  --uninstall) action=uninstall ;;
  --purge) purge=yes ;;
  -h | --help)
    usage
    exit 0
    ;;
  *)
    usage >&2
    fail "there is no \"$1\"" 64
    ;;
  esac
  shift
done
here=$(cd "$(dirname "$0")" && pwd)
units=$root/etc/systemd/system
live=no
[ -n "$root" ] || [ ! -d /run/systemd/system ] || live=yes
[ -n "$root" ] || [ "$(id -u)" = 0 ] || fail "only root can do this; or give --root FOLDER" 77

list_programs() { (cd "$here/bin" && ls); }
list_shared() { (cd "$here/share" && find . -type f -o -type l | sed 's|^\./||'); }
list_units() { (cd "$here/systemd" && ls); }

has_user() { id -u "$1" >/dev/null 2>&1; }

add_user() {
  if has_user "$1"; then return; fi
  home=/var/lib/$1 shell=$(command -v nologin || echo /bin/false)
  if command -v useradd >/dev/null; then
    useradd --system --user-group --no-create-home --home-dir "$home" --shell "$shell" "$1"
  else
    # Alpine has busybox's.
    addgroup -S "$1"
    adduser -S -D -H -h "$home" -s "$shell" -G "$1" "$1"
  fi
}

remove_user() {
  if ! has_user "$1"; then return; fi
  if command -v userdel >/dev/null; then userdel "$1"; else deluser "$1"; fi
}

install_all() {
  mkdir -p "$root$prefix/bin" "$units" "$root/etc/perfcollector"
  for name in $(list_programs); do
    # Beside the old one and then in its place: it may be running.
    cp -P "$here/bin/$name" "$root$prefix/bin/.$name.new"
    mv -f "$root$prefix/bin/.$name.new" "$root$prefix/bin/$name"
  done
  for path in $(list_shared); do
    mkdir -p "$(dirname "$root$prefix/share/$path")"
    cp -P "$here/share/$path" "$root$prefix/share/$path"
  done
  for unit in $(list_units); do
    sed "s|/usr/bin/|$prefix/bin/|" "$here/systemd/$unit" >"$units/$unit"
  done
  for file in "$here"/etc/*; do
    to=$root/etc/perfcollector/$(basename "$file")
    # Settings that are there stay; what is new lies beside them.
    if [ ! -e "$to" ]; then cp "$file" "$to"; elif ! cmp -s "$file" "$to"; then cp "$file" "$to.new"; fi
  done
  [ -z "$root" ] || return 0
  for name in perfcollector pcd; do
    add_user "$name"
    install -d -o "$name" -g "$name" -m 0750 "/var/lib/$name"
  done
  for name in capture spool; do
    install -d -o perfcollector -g perfcollector -m 0750 "/var/lib/perfcollector/$name"
  done
  if [ "$live" = no ]; then
    echo "install.sh: there is no systemd here: nothing is started, neither now nor at the next boot" >&2
    return 0
  fi
  systemctl daemon-reload
  [ "$start" = no ] || systemctl enable --quiet perfcollector.service
  [ "$start" = no ] || systemctl restart perfcollector.service
  systemctl try-restart pcd.service
}

uninstall_all() {
  if [ "$live" = yes ]; then
    for unit in $(list_units); do systemctl disable --quiet --now "$unit" 2>/dev/null || true; done
  fi
  for name in $(list_programs); do rm -f "$root$prefix/bin/$name"; done
  for path in $(list_shared); do rm -f "$root$prefix/share/$path"; done
  rmdir "$root$prefix/share/doc/perfcollector" 2>/dev/null || true
  for unit in $(list_units); do rm -f "$units/$unit"; done
  [ "$live" = no ] || systemctl daemon-reload
  [ "$purge" = yes ] || return 0
  rm -rf "$root/etc/perfcollector" "$root/var/lib/perfcollector" "$root/var/lib/pcd"
  rm -f "$root/etc/default/perfcollector" "$root/etc/default/pcd" "$root/var/lib/systemd/timers/stamp-perfcollector-upload.timer"
  [ -z "$root" ] || return 0
  for name in perfcollector pcd; do remove_user "$name"; done
}

"${action}_all"
