#!/usr/bin/env bash
# Builds and audits every proof from clean, and compares the pages with the result.
#   check.sh             fail unless everything holds and STATUS.md and STATEMENTS.md are up to date
#   check.sh --update    the same, but rewrite the two
#   check.sh --sources   only read sources and pages, without Coq
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

mode=all
case "${1:-}" in
  '') ;;
  --update) mode=update ;;
  --sources) mode=sources ;;
  *) echo 'usage: check.sh [--update | --sources]' >&2; exit 64 ;;
esac

fail() { printf 'check.sh: %s\n' "$*" >&2; exit 1; }

# The sources in dependency order; those of theorems (T) and of claims that fail (C) have a page.
order=(Preamble Matrices Network Calculus Backpropagation Completeness Compactness
  T01_MinimumNormUpdate T03_BatchActivityEnergy T02_ActivityEnergy T04_UnconditionalDescent
  T05_LinearRegression T06_ExplicitVersusImplicit T07_TargetsReached T08_UpdatedFeedback
  T09_DroppedTerm T10_LargeLearningRate T11_Nonexpansiveness T13_EquilibriumEnergy T12_DeepLinear
  T14_NudgingLimit T15_Uniqueness T16_LearningRatePath T17_LinearGraph T18_Slack InferenceRules
  T22_EarlyInference T23_ReverseSweep T26_FreeOutput T28_CovarianceLearning T29_LinearLayer OneHiddenUnit
  C01_CloserThanBackpropagation C02_ProximalCloserThanStandard C03_InferenceLowersObjective
  C04_InferredActivitiesReached C09_AwayFromNudging C10_OutputTowardTarget Examples RealNumbers)

# The whitelist of assumptions, "file:assumption". Only the file about Coq's real numbers has any: the
# axioms of the classical reals, and choice, by which the library makes the reals a type with decidable equality.
whitelist=(
  RealNumbers:ClassicalDedekindReals.sig_forall_dec
  RealNumbers:ClassicalDedekindReals.sig_not_dec
  RealNumbers:FunctionalExtensionality.functional_extensionality_dep
  RealNumbers:Epsilon.epsilon_statement
  RealNumbers:Classical_Prop.classic
)

# Libraries must come from the installation, not from the environment of the caller.
unset COQPATH COQLIB COQBIN COQCORELIB

# --- the set of theorems and of claims -----------------------------------------------------------
theorems=(T01 T02 T03 T04 T05 T06 T07 T08 T09 T10 T11 T12 T13 T14 T15 T16
  T17 T18 T19 T20 T21 T22 T23 T24 T25 T26 T27 T28 T29)
# Those about single updates; the claims about training (C5-C8, C11) are out of reach.
claims=(C01 C02 C03 C04 C09 C10)
stems=()
for id in "${theorems[@]}" "${claims[@]}"; do
  found=("$id"_*.md)
  [ -e "${found[0]}" ] || fail "no page for $id"
  [ ${#found[@]} -eq 1 ] || fail "several pages for $id: ${found[*]}"
  stems+=("${found[0]%.md}")
done
pages=([TC][0-9]*.md)
[ ${#pages[@]} -eq ${#stems[@]} ] || fail "expected ${#stems[@]} pages, found ${#pages[@]}"
files=()
for file in "${order[@]}"; do
  if [ -e "$file.v" ]; then files+=("$file"); else
    # A theorem may have no proof, if its page says so; the rest must be there.
    [ -e "$file.md" ] || fail "no source $file.v"
  fi
done
for file in *.v; do
  case " ${files[*]} " in *" ${file%.v} "*) ;; *) fail "unexpected source $file" ;; esac
done

# --- what a source may contain -------------------------------------------------------------------
# Two nets. Here the sources are read: only the commands that proofs need are allowed, so that whatever
# could assume something is refused by not being on the list. Below, Coq is asked what it assumed.

# Comments nest in Coq, so they are counted. Strings could hide a comment's ends: there must be none.
strip_comments() {
  awk '{ line = $0; out = ""
    for (i = 1; i <= length(line); i++) {
      two = substr(line, i, 2)
      if (two == "(*") { depth++; i++ }
      else if (two == "*)" && depth > 0) { depth--; i++; out = out " " }
      else if (depth == 0) out = out substr(line, i, 1)
    }
    print out } END { if (depth != 0) exit 3 }' "$1"
}
# One sentence a line, however the lines were broken.
sentences() { tr '\n\t' '  ' | sed -E 's/\.( +|$)/.\n/g; s/  +/ /g' | sed -E 's/^ +//; /^$/d'; }

words='admit|give_up|[A-Za-z_]*no_check|Axioms?|Parameters?|Conjectures?|Admitted|Admit|Abort|Primitive|bypass_check'
audit_source='
  function bad(why) { printf "%s: %s: %s\n", file, why, $0; failed = 1 }
  { sentence = $0; sub(/\.$/, "", sentence) }
  proving {
    if (sentence == "Qed") { proving = 0; next }
    tactic = sentence; gsub(/^([-+*{} ]|[0-9]+ *:|all *:)+/, "", tactic)
    if (tactic ~ /^[A-Z#]/) bad("forbidden command in a proof")
    next
  }
  sentence == "Proof" { if (!stated) bad("forbidden proof of nothing"); proving = 1; stated = 0; next }
  { stated = 0 }
  sentence ~ /^Section [A-Za-z0-9_]+$/ { depth++; next }
  sentence ~ /^End [A-Za-z0-9_]+$/ { depth--; next }
  sentence ~ /^(Variables?|Hypothes[ie]s) / {
    if (depth <= 0) bad("assumption outside a section"); next }
  file == "Preamble.v" {
    if (sentence !~ /^From mathcomp(\.algebra_tactics)? Require Export [a-z_ ]+$/ &&
        sentence !~ /^Export Order\.Theory GRing\.Theory Num\.Theory$/ && sentence !~ /^Global Open Scope ring_scope$/ &&
        sentence !~ /^#\[export\] (Set Implicit Arguments|Unset Strict Implicit|Unset Printing Implicit Defensive)$/)
      bad("forbidden in the preamble")
    next
  }
  sentence ~ /^From Proofs Require Import / || sentence ~ /^Implicit Types? / { next }
  file == "RealNumbers.v" && sentence ~ /^From (Coq|mathcomp\.analysis) Require Import / { next }
  sentence ~ /^Theorem / {
    if (depth > 0 && sentence ~ /^Theorem [TC][0-9]/) bad("theorem inside a section, whose hypotheses it would hide")
    stated = 1; next }
  sentence ~ /^(Lemma|Let|Definition|Fixpoint) / { stated = 1; next }
  sentence ~ /^(Record|Ltac) / { next }
  { bad("forbidden command") }
  END { if (proving) { print file ": forbidden unfinished proof"; failed = 1 }
    if (depth != 0) { print file ": forbidden open section"; failed = 1 }
    exit failed }'
for name in "${files[@]}"; do
  if grep -n '"' "$name.v" >&2; then fail "$name.v: forbidden: string"; fi
  text=$(strip_comments "$name.v") || fail "$name.v: unbalanced comment"
  if bad=$(grep -nEw -- "$words" <<<"$text"); then fail "$name.v: forbidden: $bad"; fi
  sentences <<<"$text" | awk -v file="$name.v" "$audit_source" >&2 || fail "$name.v: forbidden by the list of commands"
done

# --- pages against the sources --------------------------------------------------------------------
label() {
  case "$1" in
    'machine-checked'*) echo 'machine-checked' ;;
    'partly machine-checked'*) echo 'partly machine-checked' ;;
    'proved on paper'*) echo 'proved on paper' ;;
    *) echo "unknown: $1" ;;
  esac
}
# The main constant: T02_ActivityEnergy has T02_activity_energy, and a claim has what refutes it, C03_..._fails.
main_constant() {
  local id=${1%%_*} rest=${1#*_} suffix=
  case "$id" in C*) suffix=_fails ;; esac
  printf '%s%s%s\n' "$id" "$(sed -E 's/([A-Z])/_\L\1/g' <<<"$rest")" "$suffix"
}
for stem in "${stems[@]}"; do
  [ "$(grep -c '^Status: ' "$stem.md")" -eq 1 ] || fail "$stem.md: needs exactly one status line"
  status=$(label "$(sed -n 's/^Status: //p' "$stem.md")")
  if [ -e "$stem.v" ]; then
    case "$status" in
      'machine-checked' | 'partly machine-checked') ;;
      *) fail "$stem.md says '$status', but $stem.v is machine-checked" ;;
    esac
    main=$(main_constant "$stem")
    [ "$(strip_comments "$stem.v" | grep -cE "^Theorem $main( |\$)")" = 1 ] || fail "$stem.v: no theorem $main"
    grep -qF "\`$main\`" "$stem.md" || fail "$stem.md does not mention $main"
  else
    [ "$status" = 'proved on paper' ] || fail "$stem.md says '$status', but there is no $stem.v"
  fi
  # What a page says is proved must be there.
  while read -r mentioned; do
    grep -qE "^(Theorem|Lemma|Definition) $mentioned( |\$)|^  $mentioned +:" ./*.v || fail "$stem.md mentions $mentioned, which is nowhere"
  done < <(sed -n '/^## In Coq/,/^## /p' "$stem.md" | grep -oE '`[A-Za-z0-9_]+`' | tr -d '`')
  grep -qE "Sources/Theory/Theorems/[A-Za-z0-9]+/$stem\.swift" "$stem.md" || fail "$stem.md does not name its Swift counterpart"
done

if [ $mode = sources ]; then
  echo 'sources and pages read, nothing compiled'
  exit 0
fi

# --- tools ---------------------------------------------------------------------------------------
missing=()
command -v coqc >/dev/null 2>&1 && command -v coqchk >/dev/null 2>&1 || missing+=(coq)
if command -v coqc >/dev/null 2>&1; then
  lib=$(coqc -where)/user-contrib/mathcomp
  [ -e "$lib/algebra/matrix.vo" ] || missing+=(libcoq-mathcomp-algebra)
  [ -e "$lib/algebra_tactics/ring.vo" ] || missing+=(libcoq-mathcomp-algebra-tactics)
  [ -e "$lib/analysis/Rstruct.vo" ] || missing+=(libcoq-mathcomp-analysis)
else
  missing+=(libcoq-mathcomp-algebra libcoq-mathcomp-algebra-tactics libcoq-mathcomp-analysis)
fi
[ ${#missing[@]} -eq 0 ] || fail "missing packages; install with: apt-get install ${missing[*]}"

# --- build from clean, outside the sources, and audit every constant -----------------------------
rm -rf build
mkdir build
for name in "${files[@]}"; do cp "$name.v" build/; done
cd build
declare -A seconds assumptions count defined
# Files that do not need each other are compiled side by side, in the order that coqdep finds.
{
  echo "all: ${files[*]/%/.vo}"
  coqdep -R . Proofs "${files[@]/%/.v}" || fail 'coqdep cannot order the sources'
  cat <<'RULE'
%.vo %.glob: %.v
	@start=$$(date +%s.%N); coqc -q -w none -R . Proofs $< >$*.log 2>&1 || { \
	  cat $*.log >&2; echo 'check.sh: $< does not compile' >&2; exit 1; }; \
	awk -v a="$$start" -v b="$$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }' >$*.seconds
RULE
} >compile.mk
side_by_side() { env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -j"$(nproc)" -f "$@"; }
side_by_side compile.mk all || fail 'not everything compiles'
for name in "${files[@]}"; do
  seconds[$name]=$(cat "$name.seconds")

  mapfile -t constants < <(awk '$1 ~ /^(prf|def|thm|ax|rec|ind|constr|proj|inst|class|coind|scheme)$/ {
      print (($3 == "<>") ? "" : $3 ".") $4 }' "$name.glob" | sort -u)
  # The preamble defines nothing; everything else must have been seen to define something.
  [ ${#constants[@]} -gt 0 ] || [ "$name" = Preamble ] || fail "$name: no constants found"
  # A name means the same everywhere: no file may define its own network, energy or theorem over a shared one.
  for constant in "${constants[@]}"; do
    [ -z "${defined[${constant##*.}]:-}" ] ||
      fail "$name.v redefines ${constant##*.} of ${defined[${constant##*.}]}.v"
    defined[${constant##*.}]=$name
  done
  count[$name]=${#constants[@]}
  # One tuple of all of them: its assumptions are the union of theirs, found in one traversal.
  {
    echo "From Proofs Require $name."
    echo 'Definition audit := (tt'
    # A section name in the glob path is not part of the final name.
    for constant in "${constants[@]}"; do printf ', @Proofs.%s.%s\n' "$name" "${constant##*.}"; done
    echo ').'
    echo 'Print Assumptions audit.'
  } >"audit_$name.v"
done
printf '%%.audit: audit_%%.v\n\t@coqc -q -w none -R . Proofs $< >$@ 2>&1 || { cat $@ >&2; exit 1; }\n' >audit.mk
side_by_side audit.mk "${files[@]/%/.audit}" || fail 'an audit failed'
for name in "${files[@]}"; do
  log=$name.audit
  assumptions[$name]=none
  if ! grep -q '^Closed under the global context' "$log"; then
    # Every line that is not indented is a heading or an assumption; anything else is unknown, and fails.
    used=$(grep -vE '^([[:space:]]|$)' "$log" | grep -vx 'Axioms:' | sed -E 's/ *:.*//' | sort -u)
    if bad=$(grep -vxE "[A-Za-z_][A-Za-z0-9_.']*" <<<"$used"); then fail "$name.v assumes: $bad"; fi
    [ -n "$used" ] || { cat "$log" >&2; fail "$name: unreadable audit"; }
    while read -r assumption; do
      ok=no
      for allowed in ${whitelist[@]+"${whitelist[@]}"}; do
        if [ "$allowed" = "$name:$assumption" ]; then ok=yes; fi
      done
      [ $ok = yes ] || fail "$name.v assumes $assumption"
    done <<<"$used"
    assumptions[$name]=$(sed 's/.*/`&`/' <<<"$used" | tr '\n' ' ' | sed 's/ $//; s/ /, /g')
  fi
done
rm -f audit* ./*.audit

# What is proved, as Coq prints it after all sections are closed: every definition, so that a theorem cannot
# change its meaning unseen, and every theorem with every premise. The order is that of the sources.
mkdir statements
{
  for name in "${files[@]}"; do echo "From Proofs Require Import $name."; done
  echo 'Set Printing Width 100. Unset Printing Implicit Defensive.'
  for name in "${files[@]}"; do
    sed -nE 's/^Theorem ([A-Za-z0-9_]+).*/\1/p' "$name.v" >theorems
    awk -v file="$name" 'FILENAME == "theorems" { theorem[$1] = 1; next }
      $1 ~ /^(def|rec|ind|class|coind)$/ || ($1 == "prf" && $4 in theorem) {
        printf "Redirect \"statements/%s.%s\" %sProofs.%s.%s.\n", file, $4, (($4 in theorem) ? "Check @" : "Print "), file, $4
      }' theorems "$name.glob"
  done
} >statements.v
coqc -q -w none -R . Proofs statements.v >statements.log 2>&1 || { cat statements.log >&2; fail "the statements do not print"; }
{
  printf '# Statements\n\nWritten by `check.sh --update`: all definitions and all theorems, file by file, as Coq prints them outside\n'
  printf 'any section, so that no hypothesis is hidden. `check.sh` fails when they are not what the sources define and prove.\n'
  previous=
  while read -r printed; do
    if [ "${printed%%.*}" != "$previous" ]; then previous=${printed%%.*}; printf '\n## %s.v\n' "$previous"; fi
    printf '\n### %s\n\n```coq\n' "${printed#*.}"
    # How arguments are parsed and where they are implicit is no part of a definition.
    awk '/^(Arguments|[A-Za-z0-9_]+ is not universe polymorphic)/ { exit } { sub(/ +$/, ""); if (line != "") print line; line = $0 }
      END { if (line != "") print line }' "statements/$printed.out"
    printf '```\n'
  done < <(sed -n 's/^Redirect "statements\/\([^"]*\)".*/\1/p' statements.v)
} >STATEMENTS.md
[ "$(grep -c '^### ' STATEMENTS.md)" -eq "$(grep -c '^Redirect ' statements.v)" ] || fail 'not every statement was printed'
rm -rf statements statements.* .statements.* theorems

# --- the independent checker ---------------------------------------------------------------------
modules=()
# Every module of the project; the libraries below them are taken as installed (-norec).
for name in "${files[@]}"; do modules+=(-norec "Proofs.$name"); done
coqchk -silent -o "${modules[@]}" -R . Proofs >coqchk.log 2>&1 || { cat coqchk.log >&2; fail "coqchk failed"; }
if bad=$(grep -E '^[[:space:]]+Proofs\.' coqchk.log); then fail "coqchk lists assumptions of the project: $bad"; fi
grep -q '^CONTEXT SUMMARY' coqchk.log || { cat coqchk.log >&2; fail 'coqchk did not finish'; }
cd ..

# --- the table -----------------------------------------------------------------------------------
table() { # $1 = theorem or claim, $2 = yes: with seconds
  if [ "$2" = yes ]; then
    printf '| %s | status | main Coq constant | assumptions | seconds |\n|---|---|---|---|---|\n' "$1"
  else
    printf '| %s | status | main Coq constant | assumptions |\n|---|---|---|---|\n' "$1"
  fi
  local stem status main
  for stem in "${stems[@]}"; do
    case "$1 $stem" in 'theorem T'* | 'claim C'*) ;; *) continue ;; esac
    status=$(sed -n 's/^Status: //p' "$stem.md")
    if [ -e "$stem.v" ]; then
      main=$(main_constant "$stem")
      printf '| [%s](%s.md) | %s | [`%s`](%s.v) | %s |' "${stem%%_*}" "$stem" "$(label "$status")" "$main" "$stem" "${assumptions[$stem]}"
      if [ "$2" = yes ]; then printf ' %s |' "${seconds[$stem]}"; fi
    else
      printf '| [%s](%s.md) | %s | | |' "${stem%%_*}" "$stem" "$(label "$status")"
      if [ "$2" = yes ]; then printf ' |'; fi
    fi
    printf '\n'
  done
}
table theorem yes
echo
table claim yes
total=0
for name in "${files[@]}"; do total=$(awk -v a="$total" -v b="${seconds[$name]}" 'BEGIN { printf "%.1f", a + b }'); done
constants=0
for name in "${files[@]}"; do constants=$((constants + count[$name])); done
printf '\n%d files, %d constants audited, %s seconds of compilation, coqchk passed.\n' "${#files[@]}" "$constants" "$total"

fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
{
  printf '# Status of the proofs\n\nWritten by `check.sh --update`; `check.sh` fails when it is stale.\n'
  printf '"Assumptions" is what `Print Assumptions` reports over all constants of the file.\n\n'
  table theorem no
  printf '\nT10 and T15 have the premise that the ordered field is complete, T10 also the law of excluded middle.\n'
  printf 'That both hold for Coq'"'"'s real numbers is proved where alone anything is assumed:\n\n'
  printf '| source | main Coq constants | assumptions |\n|---|---|---|\n'
  printf '| [`RealNumbers.v`](RealNumbers.v) | `reals_complete`, `T10_real`, `T15_real`, `minimiser_exists_real` | %s |\n' "${assumptions[RealNumbers]}"
  printf '| [`Examples.v`](Examples.v) | examples that satisfy the hypotheses of T3, T8, T9 and T13 | %s |\n' "${assumptions[Examples]}"
  printf '\nThe claims of the paper about single updates do not hold for every network. For each there is one with rational\n'
  printf 'weights, proved over every ordered field, on which it fails:\n\n'
  table claim no
} >"$fresh"
if [ $mode = update ]; then
  cp "$fresh" STATUS.md
  cp build/STATEMENTS.md STATEMENTS.md
elif ! cmp -s build/STATEMENTS.md STATEMENTS.md; then
  diff build/STATEMENTS.md STATEMENTS.md >&2 || true
  fail 'STATEMENTS.md is stale; run check.sh --update'
elif ! cmp -s "$fresh" STATUS.md; then
  diff "$fresh" STATUS.md >&2 || true
  fail 'STATUS.md is stale; run check.sh --update'
fi
