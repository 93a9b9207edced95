#!/usr/bin/env bash
# Plants one fault at a time in a copy of this folder and sees check.sh fail on each, for the right reason.
#   selftest.sh          every fault; those that only Coq can see take several compilations
#   selftest.sh --fast   only the faults that are seen without Coq
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
fast=no
[ "${1:-}" = --fast ] && fast=yes
source_dir=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
planted=0

copy() {
  rm -rf "$work/copy"
  mkdir "$work/copy"
  cp "$source_dir"/*.v "$source_dir"/*.md "$source_dir"/check.sh "$work/copy/"
}

# plant NAME EXPECTED-MESSAGE COMMAND [MODE]: the command runs in the copy; MODE is check.sh's argument.
plant() {
  local name=$1 expected=$2 command=$3 mode=${4---sources}
  copy
  (cd "$work/copy" && eval "$command")
  if [ -z "$(diff -rq "$source_dir" "$work/copy" | grep -vE ': (build|selftest.sh)$' || true)" ]; then
    echo "NOTHING PLANTED  $name"; failures=$((failures + 1)); return
  fi
  planted=$((planted + 1))
  if (cd "$work/copy" && bash ./check.sh $mode >"$work/out" 2>&1); then
    echo "NOT DETECTED  $name"; failures=$((failures + 1))
  elif ! grep -qE -- "$expected" "$work/out"; then
    echo "WRONG REASON  $name"; tail -3 "$work/out"; failures=$((failures + 1))
  else
    echo "detected      $name"
  fi
}
append() { printf '%s\n' "$1" >>"$target"; }

# Without a fault the copy must pass, or the detections below would mean nothing.
copy
(cd "$work/copy" && bash ./check.sh --sources >"$work/out" 2>&1) || { tail -3 "$work/out"; echo 'the unmodified copy fails'; exit 1; }
echo 'passes        the unmodified copy'

# --- faults in what a source says -----------------------------------------------------------------
target=T04_UnconditionalDescent.v
plant 'an unfinished proof' forbidden "append 'Lemma fault : False. Proof. Admitted.'"
plant 'the tactic admit' forbidden "append 'Lemma fault : True. Proof. admit. Qed.'"
plant 'admit under another name' forbidden "append 'Ltac easily := admit.'"
plant 'a goal given up' forbidden "append 'Lemma fault : False. Proof. give_up. Qed.'"
plant 'obligations admitted' forbidden "append 'Admit Obligations.'"
plant 'an axiom' forbidden "append 'Axiom fault : False.'"
plant 'a local axiom' forbidden "append 'Local Axiom fault : False.'"
plant 'an axiom inside a proof' forbidden "append 'Lemma fault : True. Proof. Axiom f : False. exact: I. Qed.'"
plant 'a parameter' forbidden "append 'Parameter fault : False.'"
plant 'a parameter of a module type' forbidden "append 'Module Type F. Definition t : Prop. End F. Declare Module M : F.'"
plant 'a conjecture' forbidden "append 'Conjecture fault : False.'"
plant 'a top-level hypothesis' 'outside a section' "append 'Hypothesis fault : False.'"
plant 'top-level hypotheses' 'outside a section' "append 'Hypotheses fault : False.'"
plant 'a top-level variable' 'outside a section' "append 'Variable fault : False.'"
plant 'a top-level variable across lines' 'outside a section' "append 'Variable' && append '  fault : False.'"
plant 'a top-level variable with an attribute' forbidden "append '#[local]Variable fault : False.'"
plant 'a context' forbidden "append 'Context (fault : False).'"
plant 'a section that is only a word' 'outside a section|forbidden' \
  "append 'Definition f := fun' && append 'Section => Section.' && append 'Variable fault : False.'"
plant 'a theorem that hides a hypothesis of its section' 'inside a section' \
  "append 'Section S.' && append 'Variable fault : False.' && append 'Theorem T04_fault : False. Proof. by []. Qed.' && append 'End S.'"
plant 'a section left open' forbidden "append 'Section S.'"
plant 'guard checking off' forbidden "append 'Unset Guard Checking.'"
plant 'guard checking off, across lines' forbidden "append 'Unset' && append 'Guard' && append 'Checking.'"
plant 'guard checking off for one definition' forbidden \
  "append '#[bypass_check(guard)] Fixpoint fault (n : nat) : False := fault n.'"
plant 'guard checking off inside a proof' forbidden "append 'Lemma fault : True. Proof. Unset Guard Checking. exact: I. Qed.'"
plant 'universe checking off' forbidden "append 'Unset Universe Checking.'"
plant 'positivity checking off' forbidden "append 'Unset Positivity Checking.'"
plant 'definitional uniqueness of identity proofs' forbidden "append 'Set Definitional UIP.'"
plant 'universe polymorphism' forbidden "append 'Set Universe Polymorphism.'"
plant 'a cast that is not checked' forbidden "append 'Lemma fault : False. Proof. exact_no_check I. Qed.'"
plant 'an axiom between strings that look like comments' 'forbidden: string' \
  "append 'Definition a := \"(*\". Axiom fault : False. Definition b := \"*)\".'"
plant 'a notation that changes what a statement says' forbidden "append 'Notation \"x <= y\" := True.'; sed -i 's/\"//g' $target"
plant 'a definition by tactics, whose content would not be printed' forbidden \
  "append 'Definition fault : nat. Proof. exact: 0%N. Defined.'"
plant 'a library with axioms' forbidden "append 'From Coq Require Import Classical.'"
plant 'a definition in the preamble' 'forbidden in the preamble' "printf 'Definition fault := 0.\n' >>Preamble.v"
plant 'a library with axioms in the preamble' 'forbidden in the preamble' \
  "printf 'From Coq Require Export Classical.\n' >>Preamble.v"
plant 'another folder of libraries' forbidden "append 'Add LoadPath elsewhere.'"
plant 'a source that nobody lists' 'unexpected source' "printf 'Lemma a : True. Proof. by []. Qed.\n' >Extra.v"
plant 'a supporting source removed' 'no source' "rm Network.v"
plant 'a missing page' 'no page' "rm T07_TargetsReached.md"
plant 'a second page' 'several pages' "cp T07_TargetsReached.md T07_Other.md"
plant 'a missing theorem' 'no theorem' "sed -i 's/^Theorem T04_unconditional_descent/Theorem T04_renamed/; s/T04_unconditional_descent/T04_renamed/' $target"
plant 'a theorem that is only mentioned in a comment' 'no theorem' \
  "sed -i 's/^Theorem T04_unconditional_descent/Theorem T04_renamed/' $target; append '(*' && append 'Theorem T04_unconditional_descent *)'"
plant 'a proof removed, the status kept' 'there is no' "rm T16_LearningRatePath.v"
plant 'a missing counterexample' 'no page' "rm C03_InferenceLowersObjective.md"
plant 'a counterexample of another name' 'no theorem' \
  "sed -i 's/^Theorem C03_inference_lowers_objective_fails/Theorem C03_other/' C03_InferenceLowersObjective.v"
plant 'a false status line' 'machine-checked' "sed -i 's/^Status: .*/Status: proved on paper/' T01_MinimumNormUpdate.md"

# --- faults that Coq must see ---------------------------------------------------------------------
if [ $fast = no ]; then
  target=Matrices.v # the first with a constant, so that these end early
  # With the first net switched off in the copy, the second must hold.
  open="sed -i 's/^  sentences <<<.*/  :/; s/^words=.*/words=nothing/' check.sh"
  plant 'a proof that does not compile' 'does not compile' "append 'Lemma fault : False. Proof. exact: I. Qed.'" ''
  plant 'an axiom, first net open' 'Matrices.v assumes' "$open; append 'Axiom fault : False.'" ''
  plant 'an unfinished proof, first net open' 'Matrices.v assumes' "$open; append 'Lemma fault : False. Proof. Admitted.'" ''
  plant 'obligations admitted, first net open' 'Matrices.v assumes' \
    "$open; append 'From Coq Require Import Program. Program Definition fault : False := _. Admit Obligations.'" ''
  plant 'a top-level variable, first net open' 'Matrices.v assumes' "$open; append 'Variable fault : False.'" ''
  plant 'a classical axiom of a library, first net open' 'Matrices.v assumes' \
    "$open; append 'From Coq Require Import Classical. Lemma fault (P : Prop) : P \\/ ~ P. Proof. exact: classic. Qed.'" ''
  plant 'guard checking off, first net open' 'Matrices.v assumes' \
    "$open; append 'Unset Guard Checking. Fixpoint fault (n : nat) : False := fault n.'" ''
  plant 'positivity checking off, first net open' 'Matrices.v assumes' \
    "$open; append 'Unset Positivity Checking. Inductive fault := Fault : (fault -> False) -> fault.'" ''
  plant 'universe checking off, first net open' 'Matrices.v assumes' \
    "$open; append 'Unset Universe Checking. Definition fault (A : Set) : Set := forall X : Type, X -> A.'" ''
  target=T29_LinearLayer.v # nothing builds on it: elsewhere the redefinition would not compile
  plant 'a shared name redefined' 'redefines nsq' "append 'Definition nsq (n : nat) : nat := n.'" ''
  # Both nets open: the kernel's own checker.
  blind="$open; sed -i 's/^    ok=no/    ok=yes/; s/^      ok=no/      ok=yes/' check.sh"
  target=T16_LearningRatePath.v
  plant 'an axiom, both nets open' 'coqchk lists' "$blind; append 'Axiom fault : False.'" ''
  plant 'a weakened statement' 'STATEMENTS.md is stale' \
    "sed -i 's/^  wsq (wsub V Wb) <= wsq (wsub W Wb) .. lossW W <= lossW V\.$/  True \\\\\\/ lossW W <= lossW V./; /^Proof\.$/,\$d' $target; append 'Proof. by left. Qed.'" ''
  target=T06_ExplicitVersusImplicit.v
  plant 'a Lipschitz condition widened from the segment to the line' 'STATEMENTS.md is stale' \
    "sed -i 's/ 0 <= t <= 1 -> 0 <= u <= 1 ->$//; s/^have := lip 1 0; rewrite .*/have := lip 1 0 => \\/=./; s/^  move=> t u _ _ /  move=> t u /' $target" ''
  plant 'the theorem that links the gradient to the derivative withdrawn' 'STATEMENTS.md is stale' \
    "sed -i 's/^Theorem backpropagation/Lemma backpropagation/' Backpropagation.v" ''
  plant 'a stale table' 'STATUS.md is stale' "printf '\n' >>STATUS.md" ''
fi

[ $failures -eq 0 ] || { echo "$failures faults went undetected"; exit 1; }
echo "each of $planted planted faults was detected"
