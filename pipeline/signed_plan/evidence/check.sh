#!/bin/sh
# Checks that this folder still is what was issued and signed. It changes nothing.
#   sh check.sh         checks the register, its signature, and every file it names
#   sh check.sh HEAD    also checks them against the HEAD that a receipt prints
# It says CONFIRMED (exit code 0), or NOT CONFIRMED and why (1). It needs openssl 3.
# Each line of the register is one event in JSON. ${entry#*X} is what follows the first
# X in it, ${entry##*X} the last, ${entry%%X*} what comes before the first. Nobody can
# mislead this by what they write: JSON spells a quotation mark inside a text as \", so
# "file":" can only be the register's own word.
set -f # A * in a name is a star, not "every file".
register=output/register.jsonl key=output/certificates/register-key.pem sha=sha256sum
fail() { printf 'NOT CONFIRMED: %s.\n' "$1" >&2 && exit 1; } # Says why, and stops.
contains() { case $1 in *"$2"*) return 0 ;; *) return 1 ;; esac; } # Is $2 in $1?
require() { command -v "$1" > /dev/null || fail "this needs the program $1"; }
require_digest() { # Stops unless the file $1 is there and has the digest $2.
  [ -f "$1" ] || fail "$1 is missing"
  sum=$($sha < "$1")
  [ "${sum%% *}" = "$2" ] || fail "$1 is not what the register names"
}

# First, go to the folder of this script, and see that all it needs is there.
case $0 in */*) CDPATH='' cd -- "${0%/*}/" || fail "no way into this folder" ;; esac
command -v $sha > /dev/null || ! command -v shasum > /dev/null || sha='shasum -a 256'
require "${sha%% *}" && require openssl
[ -f $register ] && [ -s $register ] || fail "$register is missing or empty"
# 1. The chain: each entry names the digest of the entry before it, the first one
#    names zeros. So nothing can be changed, added or taken out in the middle.
words=$# wanted=$(printf %s $*) # What was typed after "check.sh", without spaces.
for pair in Aa Bb Cc Dd Ee Ff; do big=${pair%?} small=${pair#?} # Capitals will do.
  while contains "$wanted" $big; do wanted=${wanted%%$big*}$small${wanted#*$big}; done
done
case ${#wanted}.$wanted in 64.*[!0-9a-f]*) ;; 64.*) words=0 ;; esac
[ "$words" -eq 0 ] || fail "a HEAD has 64 digits, 0 to 9 and a to f"
found='' at='' head=$(printf %064d 0)
set -- # From here on, "$@" is the list of entries, newest first.
while IFS= read -r entry; do
  set -- "$entry" "$@"
  contains "$entry" "\"prev\":\"$head\"" ||
    fail "register entry $# does not follow the one before"
  head=$(printf %s "$entry" | $sha) head=${head%% *}
  [ "$head" != "$wanted" ] || at=$# found="; HEAD is entry $#"
done < $register
[ -z "$wanted" ] || [ "$at" ] ||
  fail "no entry has that HEAD: mistyped, or the register was cut off or rewritten"
# 2. The signature: made with the key that the first "keys" entry names. A later
#    entry cannot bring another key, or a forger could add one.
keys='' issued='' then='' after='' number=$# at=${at:-$#} # "then" is up to HEAD.
for entry do # The oldest comes last, so it is the one that stays in "keys".
  if contains "$entry" '"event":"keys"'; then keys=$entry; fi
  if contains "$entry" '"event":"issued"'; then issued=$issued${entry##*:}; fi
  kind=${entry##*'"event":"'} version=${entry##*'"version":"'}
  kind="${kind%%\"*} \"${version%%\"*}\"" kind=${kind% \"\"}
  case $kind in *[!A-Za-z0-9\"._\ -]*) kind=odd ;; esac && number=$((number - 1))
  [ $number -ge "$at" ] || then="$then, $kind"
  [ $number -lt "$at" ] || contains "$after" "$kind" || after=", $kind$after"
done
digest=${keys#*'"file":"certificates/register-key.pem","sha256":"'}
require_digest $key "${digest%%\"*}"
[ -f $register.sig ] && openssl pkeyutl -verify -pubin -inkey $key -rawin \
  -in $register -sigfile $register.sig > /dev/null 2>&1 ||
  fail "the signature does not fit the register (or this is no openssl 3)"
# 3. The files: each has the digest that the newest entry with its name gives it.
checked='' built='' later='' number=$#
for entry do
  version=${entry##*'"version":"'} version=${version%%\"*} number=$((number - 1))
  # Drafts are passed over. An entry without a version is about the office.
  if [ "$version" ] && ! contains "$issued" "\"$version\""; then continue; fi
  # What had been issued at HEAD, and the office's files, stay as they were then.
  contains "$then issued \"\"" "issued \"$version\"" && fixed=1 || fixed=''
  # The newest "built" entry has the version's sources: {"NAME":"DIGEST","NAME":...
  if contains "$entry" '"event":"built"'; then
    [ -z $fixed ] || [ $number -lt "$at" ] || fail "$version was built after that HEAD"
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
    if ! contains "$checked" "\"$file\""; then
      require_digest "$file" "${entry%%\"*}" && checked=$checked\"$file\"
      [ $number -lt "$at" ] || later=$later\"$file\"
    elif [ $fixed ] && [ $number -lt "$at" ] && contains "$later" "\"$file\""; then
      later=${later%%"\"$file\""*}${later#*"\"$file\""} # It is looked at once.
      size=${entry#*'"size":'} sum=$($sha < "$file") # A PDF grows until it is sealed.
      [ "${file##*.}" != pdf ] || contains "$then" "sealed \"$version\"" ||
        { require head && sum=$(head -c "${size%%[!0-9]*}" "$file" | $sha); }
      [ "${sum%% *}" = "${entry%%\"*}" ] || [ "${file##*/}" = office.crl ] ||
        fail "$file was put in place of what stood at that HEAD"
    fi
  done
done
after=${after:+" of $#; after it, by the office's word alone:${after#,}"}
echo "CONFIRMED: $# entries, their signature, the files that they name$found$after." \
  "Head: $head"
