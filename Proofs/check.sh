#!/usr/bin/env bash
# Builds and audits every proof from clean, and compares the pages with the result.
#   check.sh            fail unless everything holds and STATUS.md is up to date
#   check.sh --update   the same, but rewrite STATUS.md
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

update=no
[ "${1:-}" = --update ] && update=yes

fail() { printf 'check.sh: %s\n' "$*" >&2; exit 1; }

# The sources in dependency order.
support=(Matrices Network Calculus Backpropagation)
order=(T01_MinimumNormUpdate T03_BatchActivityEnergy T02_ActivityEnergy T04_UnconditionalDescent
  T05_LinearRegression T06_ExplicitVersusImplicit T07_TargetsReached T08_UpdatedFeedback
  T09_DroppedTerm T10_LargeLearningRate T11_Nonexpansiveness T12_DeepLinear T13_EquilibriumEnergy
  T14_NudgingLimit T15_Uniqueness T16_LearningRatePath)

# The whitelist of assumptions, file by file: "file:assumption". It is empty: no proof assumes
# anything, not even the axioms of the classical reals.
whitelist=()

# --- tools ---------------------------------------------------------------------------------------
missing=()
command -v coqc >/dev/null 2>&1 && command -v coqchk >/dev/null 2>&1 || missing+=(coq)
if command -v coqc >/dev/null 2>&1; then
  lib=$(coqc -where)/user-contrib/mathcomp
  [ -e "$lib/algebra/matrix.vo" ] || missing+=(libcoq-mathcomp-algebra)
  [ -e "$lib/algebra_tactics/ring.vo" ] || missing+=(libcoq-mathcomp-algebra-tactics)
else
  missing+=(libcoq-mathcomp-algebra libcoq-mathcomp-algebra-tactics)
fi
[ ${#missing[@]} -eq 0 ] || fail "missing packages; install with: apt-get install ${missing[*]}"

# --- the set of theorems -------------------------------------------------------------------------
stems=()
for i in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16; do
  found=(T"$i"_*.md)
  [ -e "${found[0]}" ] || fail "no page for T$i"
  [ ${#found[@]} -eq 1 ] || fail "several pages for T$i: ${found[*]}"
  stems+=("${found[0]%.md}")
done
pages=(T*.md)
[ ${#pages[@]} -eq 16 ] || fail "expected 16 pages T01..T16, found ${#pages[@]}"
for stem in "${order[@]}"; do
  [ -e "$stem.md" ] || fail "no page $stem.md"
done
files=()
for file in "${support[@]}" "${order[@]}"; do
  if [ -e "$file.v" ]; then files+=("$file"); fi
done
for file in *.v; do
  case " ${files[*]} " in *" ${file%.v} "*) ;; *) fail "unexpected source $file" ;; esac
done

# --- forbidden words, outside comments -----------------------------------------------------------
# Comments nest in Coq, so they are counted, not matched; strings are kept.
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
words='Admitted|admit|give_up|Axiom|Axioms|Parameter|Parameters|Conjecture|Conjectures|Primitive|Abort'
words+='|bypass_check|type-in-type|native_cast_no_check|vm_cast_no_check|exact_no_check|Extract|Declare ML Module|Load|Redirect'
for name in "${files[@]}"; do
  text=$(strip_comments "$name.v") || fail "$name.v: unbalanced comment"
  if bad=$(grep -nEw -- "$words" <<<"$text"); then fail "$name.v: forbidden: $bad"; fi
  if bad=$(grep -nE 'Unset[[:space:]]+(Guard|Universe|Positivity)|(Guard|Universe|Positivity)[[:space:]]+Check|bypass_check|type-in-type|<<?:' <<<"$text"); then
    fail "$name.v: disabled check: $bad"
  fi
  # Variable, Hypothesis and Context must be inside a section, where closing it makes them premises.
  awk -v file="$name.v" '
    /^[[:space:]]*(Section)[[:space:]]/ { depth++ }
    /^[[:space:]]*End[[:space:]]/ { depth-- }
    /(^|[.[:space:]])(Variables?|Hypothes[ie]s|Context)([[:space:]]|$)/ {
      if (depth <= 0) { print file ": assumption outside a section: " $0; bad = 1 } }
    END { exit bad }' <<<"$text" >&2 || fail "$name.v: assumption outside a section"
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
# The main constant: T02_ActivityEnergy has T02_activity_energy.
main_constant() {
  local id=${1%%_*} rest=${1#*_}
  printf '%s%s\n' "$id" "$(sed -E 's/([A-Z])/_\L\1/g' <<<"$rest")"
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
    grep -qE "^Theorem $main( |\$)" "$stem.v" || fail "$stem.v: no theorem $main"
    grep -qF "\`$main\`" "$stem.md" || fail "$stem.md does not mention $main"
  else
    [ "$status" = 'proved on paper' ] || fail "$stem.md says '$status', but there is no $stem.v"
  fi
  grep -qF "Sources/Theorems/$stem.swift" "$stem.md" || fail "$stem.md does not name its Swift counterpart"
done

# --- build from clean, outside the sources, and audit every constant -----------------------------
rm -rf build
mkdir build
for name in "${files[@]}"; do cp "$name.v" build/; done
cd build
declare -A seconds assumptions count
for name in "${files[@]}"; do
  start=$(date +%s.%N)
  coqc -q -w none -R . Proofs "$name.v" >"$name.log" 2>&1 || { cat "$name.log" >&2; fail "$name.v does not compile"; }
  seconds[$name]=$(awk -v a="$start" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }')

  mapfile -t constants < <(awk '$1 ~ /^(prf|def|thm|ax|rec|ind|constr|proj|inst|class|coind|scheme)$/ {
      print (($3 == "<>") ? "" : $3 ".") $4 }' "$name.glob" | sort -u)
  [ ${#constants[@]} -gt 0 ] || fail "$name: no constants found"
  count[$name]=${#constants[@]}
  # One tuple of all of them: its assumptions are the union of theirs, found in one traversal.
  {
    echo "From Proofs Require $name."
    echo 'Definition audit := (tt'
    # A section name in the glob path is not part of the final name.
    for constant in "${constants[@]}"; do printf ', @Proofs.%s.%s\n' "$name" "${constant##*.}"; done
    echo ').'
    echo 'Print Assumptions audit.'
  } >audit.v
  if ! coqc -q -w none -R . Proofs audit.v >audit.log 2>&1; then cat audit.log >&2; fail "audit of $name failed"; fi
  assumptions[$name]=none
  if ! grep -q '^Closed under the global context' audit.log; then
    used=$(grep -E '^[A-Za-z_][A-Za-z0-9_.'"'"']* *:|^[A-Za-z_][A-Za-z0-9_.'"'"']*$' audit.log | sed 's/ *:.*//' | grep -vx 'Axioms' | sort -u || true)
    [ -n "$used" ] || { cat audit.log >&2; fail "$name: unreadable audit"; }
    while read -r assumption; do
      ok=no
      for allowed in ${whitelist[@]+"${whitelist[@]}"}; do
        if [ "$allowed" = "$name:$assumption" ]; then ok=yes; fi
      done
      [ $ok = yes ] || fail "$name.v assumes $assumption"
    done <<<"$used"
    assumptions[$name]=$(tr '\n' ' ' <<<"$used")
  fi
done
rm -f audit.*

# --- the independent checker ---------------------------------------------------------------------
modules=()
# Every module of the project; the libraries below them are taken as installed (-norec).
for name in "${files[@]}"; do modules+=(-norec "Proofs.$name"); done
coqchk -silent -o "${modules[@]}" -R . Proofs >coqchk.log 2>&1 || { cat coqchk.log >&2; fail "coqchk failed"; }
if bad=$(grep -E '^[[:space:]]+Proofs\.' coqchk.log); then fail "coqchk lists assumptions of the project: $bad"; fi
for heading in 'type-in-type' 'unsafe (co)fixpoints' 'unsafe universes' 'positivity'; do
  if bad=$(grep -F "$heading" coqchk.log | grep -vE '<none>'); then
    after=$(grep -F -A3 "$heading" coqchk.log | grep -E '^[[:space:]]+Proofs\.' || true)
    [ -z "$after" ] || fail "coqchk: $bad"
  fi
done
cd ..

# --- the table -----------------------------------------------------------------------------------
table() { # $1 = yes: with seconds
  if [ "$1" = yes ]; then
    printf '| theorem | status | main Coq constant | assumptions | seconds |\n|---|---|---|---|---|\n'
  else
    printf '| theorem | status | main Coq constant | assumptions |\n|---|---|---|---|\n'
  fi
  local stem status main
  for stem in "${stems[@]}"; do
    status=$(sed -n 's/^Status: //p' "$stem.md")
    if [ -e "$stem.v" ]; then
      main=$(main_constant "$stem")
      printf '| [%s](%s.md) | %s | [`%s`](%s.v) | %s |' "${stem%%_*}" "$stem" "$(label "$status")" "$main" "$stem" "${assumptions[$stem]}"
      if [ "$1" = yes ]; then printf ' %s |' "${seconds[$stem]}"; fi
    else
      printf '| [%s](%s.md) | %s | | |' "${stem%%_*}" "$stem" "$(label "$status")"
      if [ "$1" = yes ]; then printf ' |'; fi
    fi
    printf '\n'
  done
}
table yes
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
  table no
} >"$fresh"
if [ $update = yes ]; then
  cp "$fresh" STATUS.md
elif ! cmp -s "$fresh" STATUS.md; then
  diff "$fresh" STATUS.md >&2 || true
  fail 'STATUS.md is stale; run check.sh --update'
fi
