#!/usr/bin/env bash
# Plants one fault at a time in a copy of this folder and sees check.sh fail on each.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source_dir=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

plant() { # name, expected message, command run inside the copy
  local name=$1 expected=$2 command=$3
  rm -rf "$work/copy"
  mkdir "$work/copy"
  cp "$source_dir"/*.v "$source_dir"/*.md "$source_dir"/check.sh "$work/copy/"
  (cd "$work/copy" && eval "$command")
  if (cd "$work/copy" && bash ./check.sh >"$work/out" 2>&1); then
    echo "NOT DETECTED  $name"; failures=$((failures + 1))
  elif ! grep -qE -- "$expected" "$work/out"; then
    echo "WRONG REASON  $name"; tail -3 "$work/out"; failures=$((failures + 1))
  else
    echo "detected      $name"
  fi
}

# Without a fault the copy must pass, or the detections below would mean nothing.
mkdir "$work/copy"
cp ./*.v ./*.md check.sh "$work/copy/"
(cd "$work/copy" && bash ./check.sh >"$work/out" 2>&1) || { tail -3 "$work/out"; echo 'the unmodified copy fails'; exit 1; }
echo 'passes        the unmodified copy'

target=T04_UnconditionalDescent.v
plant 'an unfinished proof' 'forbidden' "printf 'Lemma fault : False. Proof. Admitted.\n' >>$target"
plant 'the tactic admit' 'forbidden' "printf 'Lemma fault : True. Proof. admit. Qed.\n' >>$target"
plant 'an axiom' 'forbidden' "printf 'Axiom fault : False.\n' >>$target"
plant 'a parameter' 'forbidden' "printf 'Parameter fault : False.\n' >>$target"
plant 'a top-level hypothesis' 'outside a section' "printf 'Hypothesis fault : False.\n' >>$target"
plant 'a top-level variable' 'outside a section' "printf 'Variable fault : False.\n' >>$target"
plant 'guard checking off' 'disabled check' "printf 'Unset Guard Checking.\n' >>$target"
plant 'universe checking off' 'disabled check' "printf 'Unset Universe Checking.\n' >>$target"
plant 'positivity checking off' 'disabled check' "printf 'Unset Positivity Checking.\n' >>$target"
plant 'a classical axiom from a library' 'assumes' \
  "printf 'Require Import Classical.\nLemma fault (P : Prop) : P \\\\/ ~ P. Proof. exact: classic. Qed.\n' >>$target"
plant 'a proof that does not compile' 'does not compile' "printf 'Lemma fault : False. Proof. exact: I. Qed.\n' >>$target"
plant 'a missing page' 'no page' "rm T07_TargetsReached.md"
plant 'a missing theorem' 'no theorem' "sed -i 's/^Theorem T04_unconditional_descent/Theorem T04_renamed/; s/T04_unconditional_descent/T04_renamed/' $target"
plant 'a proof removed, the status kept' 'there is no' "rm T16_LearningRatePath.v"
plant 'a false status line' 'machine-checked' "sed -i 's/^Status: .*/Status: proved on paper/' T01_MinimumNormUpdate.md"
plant 'a stale table' 'stale' "printf '\n' >>STATUS.md"

[ $failures -eq 0 ] || { echo "$failures faults went undetected"; exit 1; }
echo 'every planted fault was detected'
