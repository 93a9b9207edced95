(** * T10: large learning rates *)

From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From Proofs Require Import Matrices Network.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.


(** If some [Wz] has zero loss, a minimiser loses at most [dist^2 / (2 alpha)] and moves at most
    as far as the nearest zero-loss weights. *)
Theorem T10_large_learning_rate (R : realFieldType) (B : nat) (net : network R B) (alpha : R)
    (Wb W Wz : weights net) :
  0 < alpha -> (forall V : weights net, 0 <= lossW V) -> lossW Wz = 0 ->
  minimises (@anything _) (prox alpha Wb) W ->
  lossW W <= wsq (wsub Wz Wb) / (2 * alpha) /\ wsq (wsub W Wb) <= wsq (wsub Wz Wb).
Proof.
move=> a0 L0 z0 [_ Wmin]; have := Wmin Wz I; rewrite /prox z0 add0r => le.
have i0 : 0 < (2 * alpha)^-1 by rewrite invr_gt0 mulr_gt0 ?ltr0n.
split.
  rewrite [_ / _]mulrC; apply: le_trans le; rewrite ler_addl mulr_ge0 ?wsq_ge0 //.
  exact: ltW.
by rewrite -(ler_pmul2l i0); apply: le_trans le; rewrite ler_addr.
Qed.

(** The loss is continuous at [W]. *)
Definition loss_continuous (R : realFieldType) (B : nat) (net : network R B) (W : weights net) :=
  forall eps, 0 < eps -> exists2 del : R, 0 < del &
    forall V : weights net, wsq (wsub V W) <= del -> (lossW V - lossW W) ^+ 2 <= eps.

(** Every accumulation point [Wi] of minimisers for unbounded learning rates has zero loss and is
    nearest to [Wb] among all weights of zero loss. *)
Theorem T10_accumulation (R : realFieldType) (B : nat) (net : network R B) (Wb Wi Wz : weights net) :
  (forall V : weights net, 0 <= lossW V) -> lossW Wz = 0 -> loss_continuous Wi ->
  (forall eps A : R, 0 < eps -> exists alpha W,
     [/\ 0 < alpha, A <= alpha, minimises (@anything _) (prox alpha Wb) W
       & wsq (wsub W Wi) <= eps]) ->
  lossW Wi = 0 /\ wsq (wsub Wi Wb) <= wsq (wsub Wz Wb).
Proof.
move=> L0 z0 cont acc; set q := wsq (wsub Wz Wb).
have q0 : 0 <= q by apply: wsq_ge0.
split.
  apply/eqP; rewrite eq_le L0 andbT leNgt; apply/negP => Lp.
  set l := lossW Wi in Lp *.
  have [d d0 hd] := cont ((l / 4) ^+ 2) (exprn_gt0 _ (divr_gt0 Lp (ltr0n _ 4))).
  have [alpha [W [a0 aA Wmin near]]] := acc d ((q + 1) / l) d0.
  have [lW _] := T10_large_learning_rate a0 L0 z0 Wmin.
  have lW2 : lossW W <= l / 2.
    apply: le_trans lW _; rewrite -/q ler_pdivr_mulr ?mulr_gt0 ?ltr0n //.
    have -> : l / 2 * (2 * alpha) = alpha * l by field.
    apply: le_trans (_ : q + 1 <= _); first by rewrite ler_addl ler01.
    by rewrite -ler_pdivr_mulr.
  have := hd W near; rewrite -/l -sqrrN opprB ler_sqr ?nnegrE.
  - move=> h; have : l - l / 2 <= l / 4 by apply: le_trans h; rewrite ler_add2l ler_opp2.
    have -> : l - l / 2 = l / 4 + l / 4 by field.
    by rewrite ger_addl leNgt divr_gt0 ?ltr0n.
  - by rewrite subr_ge0; apply: le_trans lW2 _; rewrite ler_pdivr_mulr ?ltr0n // ler_pemulr ?(ltW Lp) // ler1n.
  - by rewrite divr_ge0 ?ler0n // ltW.
rewrite leNgt; apply/negP => lt; set p := wsq (wsub Wi Wb) in lt.
(* p <= (1 + t) |W - Wb|^2 + (1 + 1/t) |W - Wi|^2 for every t > 0 *)
have split_le t W : 0 < t -> p <= (1 + t) * wsq (wsub W Wb) + (1 + t^-1) * wsq (wsub W Wi).
  move=> t0; rewrite /p; set u := wsub W Wb; set v := wsub W Wi.
  have -> : wsq (wsub Wi Wb) = wsq u - 2 * wdot u v + wsq v.
    rewrite -wsqB; apply: eq_bigr => n _.
    by rewrite /u /v /wsub opprB [_ + (Wi n - _)]addrC addrA subrK.
  have := wsq_ge0 (wadd (wscale t u) v); rewrite wsqD wsqZ.
  have -> : wdot (wscale t u) v = t * wdot u v.
    by rewrite /wdot mulr_sumr; apply: eq_bigr => n _; rewrite dotZl.
  move=> h; rewrite -subr_ge0.
  have -> : (1 + t) * wsq u + (1 + t^-1) * wsq v - (wsq u - 2 * wdot u v + wsq v) =
    t^-1 * (t ^+ 2 * wsq u + 2 * (t * wdot u v) + wsq v) by field; rewrite gt_eqF.
  by rewrite mulr_ge0 // invr_ge0 ltW.
set g := p - q; have g0 : 0 < g by rewrite subr_gt0.
pose t := g / (2 * (q + 1)).
have q1 : 0 < q + 1 by apply: ltr_paddl ltr01.
have t0 : 0 < t by rewrite divr_gt0 // mulr_gt0 ?ltr0n.
have t1 : 0 < 1 + t^-1 by rewrite addr_gt0 ?invr_gt0 ?ltr01.
have [alpha [W [a0 _ Wmin near]]] := acc (g / 4 / (1 + t^-1)) 0 (divr_gt0 (divr_gt0 g0 (ltr0n _ 4)) t1).
have [_ dW] := T10_large_learning_rate a0 L0 z0 Wmin.
have := split_le t W t0; apply/negP; rewrite -ltNge.
apply: le_lt_trans (_ : (1 + t) * q + g / 4 < _).
  rewrite ler_add //; first by rewrite ler_wpmul2l // addr_ge0 // ltW.
  by rewrite mulrC -ler_pdivl_mulr.
have tq : t * q <= g / 2.
  have -> : g / 2 = t * (q + 1) by rewrite /t; field; rewrite gt_eqF.
  by rewrite ler_wpmul2l ?(ltW t0) // ler_addl ler01.
apply: le_lt_trans (_ : q + g / 2 + g / 4 < _).
  by rewrite ler_add2r mulrDl mul1r ler_add2l.
have -> : p = q + g / 2 + g / 4 + g / 4 by rewrite /g; field.
by rewrite ltr_addl divr_gt0 ?ltr0n.
Qed.
