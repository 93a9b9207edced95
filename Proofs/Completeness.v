(** * What completeness of the reals adds

    An ordered field [R] is [complete] when every nonempty set that is bounded above has a least
    upper bound.  Only T10 and T15 need it, as a premise that their statements show; [Reals.v] proves it for
    Coq's real numbers.  The rationals do not have it, and both theorems fail there. *)

From Proofs Require Import Preamble Matrices Calculus.

Definition least_upper_bound (R : realFieldType) (S : R -> Prop) (s : R) : Prop :=
  (forall x, S x -> x <= s) /\ forall b, (forall x, S x -> x <= b) -> s <= b.
Definition complete (R : realFieldType) : Prop :=
  forall S : R -> Prop, (exists x, S x) -> (exists b, forall x, S x -> x <= b) ->
    exists s, least_upper_bound S s.

Section MeanValue.
Variable R : realFieldType.

(* What differs from [t m] by at most [t m / 2] has the sign of [t]. *)
Let sign_of_slope (X t m : R) : 0 < m -> (X - t * m) ^+ 2 <= m ^+ 2 / 4 * t ^+ 2 -> 0 < t -> 0 < X.
Proof.
move=> m0 le t0; rewrite ltNge; apply/negP => X0; move: le; apply/negP; rewrite -ltNge.
have p : 0 < t * m by apply: mulr_gt0.
have -> : m ^+ 2 / 4 * t ^+ 2 = (t * m / 2) ^+ 2 by field.
have half : t * m / 2 < t * m by rewrite ltr_pdivr_mulr ?ltr0n // ltr_pmulr // (ltr_nat R 1 2).
have half0 : 0 <= t * m / 2 by rewrite divr_ge0 ?ler0n // ltW.
have far : t * m <= - (X - t * m) by rewrite opprB ler_addl oppr_ge0.
rewrite -[(X - _) ^+ 2]sqrrN ltr_sqr ?nnegrE //; first exact: lt_le_trans far.
by apply: le_trans far; apply: ltW.
Qed.

(* Where the derivative is positive the function is larger a little further on. *)
Let local_increase (f : R -> R) (m u : R) : 0 < m -> sderiv (fun t => f (u + t)) m ->
  exists2 del, 0 < del & forall h, 0 < h -> h <= del -> f (u - h) < f u /\ f u < f (u + h).
Proof.
move=> m0 df; have e0 : 0 < m ^+ 2 / 4 by rewrite divr_gt0 ?ltr0n // exprn_gt0.
have [d d0 hd] := df _ e0; exists (Num.min 1 d) => [|h h0]; first by rewrite lt_minr ltr01.
rewrite le_minr => /andP[h1 hdel].
have small : h ^+ 2 <= d by rewrite (le_trans _ hdel) // expr2 ger_pmull.
have := hd h I small; rewrite addr0 => /(sign_of_slope m0) /(_ h0); rewrite subr_gt0 => up.
split=> //; have := hd (- h) I; rewrite addr0 sqrrN => /(_ small).
rewrite -sqrrN opprD mulNr opprK opprB => /(sign_of_slope m0) /(_ h0).
by rewrite subr_gt0.
Qed.

(** Over a complete field, a function whose derivative is positive on [0, 1] grows. *)
Lemma derivative_positive (f f' : R -> R) : complete R ->
  (forall u, 0 <= u <= 1 -> sderiv (fun t => f (u + t)) (f' u)) ->
  (forall u, 0 <= u <= 1 -> 0 < f' u) -> f 0 < f 1.
Proof.
move=> cR df pf.
pose S t := 0 <= t <= 1 /\ forall s, 0 <= s -> s <= t -> f 0 <= f s.
have S0 : S 0.
  split=> [|s s0 s1]; first by rewrite lexx ler01.
  by have -> : s = 0 by apply/eqP; rewrite eq_le s0 s1.
have [|c [ub lub]] := cR S (ex_intro _ 0 S0); first by exists 1 => x [/andP[]].
have c0 : 0 <= c by apply: ub.
have c1 : c <= 1 by apply: lub => x [/andP[]].
have [d d0 inc] := local_increase (pf c (introT andP (conj c0 c1))) (df c (introT andP (conj c0 c1))).
(* below [c] the function is at least [f 0] *)
have below s : 0 <= s -> s < c -> f 0 <= f s.
  move=> s0 sc; rewrite leNgt; apply/negP => fs; move: sc; apply/negP; rewrite -leNgt.
  apply: lub => x [_ Sx]; rewrite leNgt; apply/negP => sx.
  by move: fs; apply/negP; rewrite -leNgt; apply: Sx => //; apply: ltW.
have strict : 0 < c -> f 0 < f c.
  move=> cp; pose h := Num.min d c; have h0 : 0 < h by rewrite lt_minr d0.
  have hd : h <= d by rewrite le_minl lexx.
  have [lt _] := inc h h0 hd; apply: le_lt_trans lt; apply: below.
    by rewrite subr_ge0 le_minl lexx orbT.
  by rewrite ltr_subl_addr ltr_addl.
have atc : f 0 <= f c.
  by move: c0; rewrite le_eqVlt => /orP[/eqP <- //|/strict/ltW].
move: c1; rewrite le_eqVlt => /orP[/eqP ce|c1]; first by rewrite -ce strict // ce ltr01.
exfalso; pose h := Num.min d (1 - c); have h0 : 0 < h by rewrite lt_minr d0 subr_gt0.
have hd : h <= d by rewrite le_minl lexx.
suff /ub : S (c + h) by rewrite ger_addl leNgt h0.
split=> [|s s0 sh].
  rewrite addr_ge0 ?(ltW h0) //=; have : h <= 1 - c by rewrite le_minl lexx orbT.
  by rewrite ler_subr_addr addrC.
case: (ltgtP s c) => [lt|gt|->] //; first exact: below.
have near1 : s - c <= d by apply: le_trans hd; rewrite ler_subl_addl.
have near0 : 0 < s - c by rewrite subr_gt0.
have [_] := inc _ near0 near1; rewrite addrC subrK => lt; apply: le_trans atc _.
exact: ltW.
Qed.

(** The mean value inequality: a derivative above [k] on [0, 1] gives an increase above [k]. *)
Lemma mean_value (f f' : R -> R) (k : R) : complete R ->
  (forall u, 0 <= u <= 1 -> sderiv (fun t => f (u + t)) (f' u)) ->
  (forall u, 0 <= u <= 1 -> k < f' u) -> k < f 1 - f 0.
Proof.
move=> cR df gt; pose g t := f t - k * t.
have : g 0 < g 1.
  apply: (@derivative_positive g (fun u => f' u - k)) => // u hu; last by rewrite subr_gt0 gt.
  have := sderivB (df u hu) (sderiv_line (k * u) k).
  by apply: sderiv_ext; apply: near_all => t _; rewrite /g mulrDr.
by rewrite /g mulr0 mulr1 subr0 ltr_subr_addl addrC -ltr_subr_addl ltr_subr_addr addrC -ltr_subr_addr.
Qed.

End MeanValue.
