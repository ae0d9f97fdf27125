#!/bin/sh
# Checks this folder with nothing but a shell, sha256sum and openssl 3. Usage: sh check.sh [HEAD from a receipt]
case $0 in */*) CDPATH='' cd -- "${0%/*}/" || exit 1 ;; esac
fail() { printf 'NOT CONFIRMED: %s.\n' "$1" >&2; exit 1; }
has() { case $1 in *"$2"*) ;; *) return 1 ;; esac; }
new() { ! has "$known" "\"$1\"" && known=$known\"$1\"; } # A JSON string holds no bare quote.
same() { sum=$({ sha256sum < "$1"; } 2> /dev/null) && [ "${sum%% *}" = "${2%%\"*}" ] || fail "$1 $differs"; }
register=output/register.jsonl key=output/certificates/register-key.pem differs='is not what the register names'
asked=$(printf %s $*) found=${1+no} head=$(printf %064d 0) keys='' issued='""' known=''
# 1. Each entry of the register names the digest of the entry before it. "$@" is made to hold the newest first.
set -- && while IFS= read -r entry; do set -- "$entry" "$@"
  has "$entry" "\"prev\":\"$head\"" || fail "register entry $# does not follow the one before"
  head=$(printf %s "$entry" | sha256sum) head=${head%% *}; [ "$head" != "$asked" ] || found=$#
  case $entry in *'"event":"keys"'*) keys=${keys:-$entry} ;; *'"event":"issued"'*) issued=$issued${entry##*:} ;; esac
done < $register
[ "$found" != no ] || fail "no entry has that HEAD: the register was cut off or rewritten"
# 2. The office has signed the register, with the key that the first "keys" entry names.
same $key "${keys#*\"file\":\"certificates/register-key.pem\",\"sha256\":\"}"
openssl pkeyutl -verify -pubin -inkey $key -rawin -in $register -sigfile $register.sig > /dev/null 2>&1 ||
  fail "the office's signature does not fit the register (or openssl 3 is missing)"
# 3. Each file is what its newest entry says; each version that was issued has the sources of its last build.
for entry do version=${entry##*'"version":"'} version=${version%%\"*} sources=''
  has "$issued" "\"$version\"" || continue # A draft is passed over; the version "" is the office.
  if has "$entry" '"event":"built"'; then entry=${entry#*'"event":"built"'} # An area before it may have any name.
    new "source/$version" && sources=,${entry##*'"sources":{'}; fi
  while [ "${sources%%\"*}" = , ]; do sources=${sources#,\"} file=source/$version/${sources%%\"*}
    sources=${sources#*'":"'}; same "$file" "$sources"; sources=${sources#*\"}; done
  while has "$entry" '"file":"'; do entry=${entry#*'"file":"'} file=output/${entry%%\"*}
    entry=${entry#*'"sha256":"'}; new "$file" && same "$file" "$entry"; done; done
echo "CONFIRMED: $# entries, their signature, the files that they name${found:+; HEAD is entry $found}. Head: $head"
