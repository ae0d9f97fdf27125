#!/bin/sh
# Checks that this folder still is what was issued and signed. It changes nothing.
#
#   sh check.sh         checks the register, its signature, and every file it names
#   sh check.sh HEAD    also looks for the HEAD that is printed on a receipt
#
# It needs the programs sha256sum and openssl (version 3). It says CONFIRMED
# (exit code 0), or NOT CONFIRMED and why (exit code 1).
#
# How to read it: the register has one line of JSON ("entry") for each event.
# These three cut a text out of an entry:
#   ${entry#*X}    what follows the first X
#   ${entry##*X}   what follows the last X
#   ${entry%%X*}   what comes before the first X
# Nobody can mislead this by what they write: JSON spells a quotation mark inside
# a text as \", so "file":" can only be the register's own word.

set -f # A * in a name is a star, not "every file".
register=output/register.jsonl
key=output/certificates/register-key.pem

# Says what is wrong, and stops.
fail() {
  printf 'NOT CONFIRMED: %s.\n' "$1" >&2
  exit 1
}

# Whether the text $1 contains the text $2.
contains() {
  case $1 in *"$2"*) return 0 ;; *) return 1 ;; esac
}

# Stops unless the file $1 is there and has the digest $2.
require_digest() {
  [ -f "$1" ] || fail "$1 is missing"
  sum=$(sha256sum < "$1")
  [ "${sum%% *}" = "$2" ] || fail "$1 is not what the register names"
}

# First, go to the folder of this script, and see that all it needs is there.
case $0 in */*) CDPATH='' cd -- "${0%/*}/" || fail "no way into this folder" ;; esac
for need in sha256sum openssl; do
  command -v $need > /dev/null || fail "this needs the program $need"
done
[ -s $register ] || fail "$register is missing or empty"

# 1. The chain: each entry names the digest of the entry before it, the first one
#    names zeros. So nothing can be changed, added or taken out in the middle.
words=$# wanted_head=$(printf %s $*) # What was typed after "check.sh", without spaces.
found='' head=$(printf %064d 0)
set -- # From here on, "$@" is the list of entries, newest first.
while IFS= read -r entry; do
  set -- "$entry" "$@"
  contains "$entry" "\"prev\":\"$head\"" ||
    fail "register entry $# does not follow the one before"
  head=$(printf %s "$entry" | sha256sum) head=${head%% *}
  if [ "$head" = "$wanted_head" ]; then found="; HEAD is entry $#"; fi
done < $register
[ "$words" -eq 0 ] || [ "$found" ] ||
  fail "no entry has that HEAD: mistyped, or the register was cut off or rewritten"

# 2. The signature: made with the key that the first "keys" entry names. A later
#    entry cannot bring another key, or a forger could add one.
keys='' issued=''
for entry do # The oldest comes last, so it is the one that stays in "keys".
  if contains "$entry" '"event":"keys"'; then keys=$entry; fi
  if contains "$entry" '"event":"issued"'; then issued=$issued${entry##*:}; fi
done
digest=${keys#*'"file":"certificates/register-key.pem","sha256":"'}
require_digest $key "${digest%%\"*}"
openssl pkeyutl -verify -pubin -inkey $key -rawin -in $register \
  -sigfile $register.sig > /dev/null 2>&1 ||
  fail "the signature does not fit the register (or this is no openssl 3)"

# 3. The files: each has the digest that the newest entry with its name gives it.
checked='' built=''
for entry do
  version=${entry##*'"version":"'} version=${version%%\"*}
  # Drafts are passed over. An entry without a version is about the office.
  if [ "$version" ] && ! contains "$issued" "\"$version\""; then continue; fi
  # The newest "built" entry has the version's sources: {"NAME":"DIGEST","NAME":...
  if contains "$entry" '"event":"built"'; then
    entry=${entry#*'"event":"built"'} # Before it are areas, named like anything.
    contains "$built" "\"$version\"" && sources='' || sources=,${entry#*'"sources":{'}
    built=$built\"$version\"
    while [ "${sources%%\"*}" = , ]; do
      sources=${sources#*\"} file=source/$version/${sources%%\"*}
      sources=${sources#*'":"'} && require_digest "$file" "${sources%%\"*}"
      sources=${sources#*\"}
    done
  fi
  # Any entry may list files below output/: "file":"NAME", then "sha256":"DIGEST".
  while contains "$entry" '"file":"'; do
    entry=${entry#*'"file":"'} file=output/${entry%%\"*} entry=${entry#*'"sha256":"'}
    contains "$checked" "\"$file\"" || require_digest "$file" "${entry%%\"*}"
    checked=$checked\"$file\"
  done
done
echo "CONFIRMED: $# entries, their signature, the files that they name$found." \
  "Head: $head"
