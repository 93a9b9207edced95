(** * T10: large learning rates *)

From Proofs Require Import Preamble Matrices Network Calculus Backpropagation Completeness Compactness
  T05_LinearRegression.

(** If some [Wz] has zero loss, a minimiser loses at most [dist^2 / (2 alpha)] and moves at most
    as far as the nearest zero-loss weights. *)
Theorem T10_bounds (R : realFieldType) (B : nat) (net : network R B) (alpha : R)
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
  have [lW _] := T10_bounds a0 L0 z0 Wmin.
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
set g := p - q; have g0 : 0 < g by rewrite subr_gt0.
pose t := g / (2 * (q + 1)).
have q1 : 0 < q + 1 by apply: ltr_paddl ltr01.
have t0 : 0 < t by rewrite divr_gt0 // mulr_gt0 ?ltr0n.
have t1 : 0 < 1 + t^-1 by rewrite addr_gt0 ?invr_gt0 ?ltr01.
have [alpha [W [a0 _ Wmin near]]] := acc (g / 4 / (1 + t^-1)) 0 (divr_gt0 (divr_gt0 g0 (ltr0n _ 4)) t1).
have [_ dW] := T10_bounds a0 L0 z0 Wmin.
have := wsq_split Wb W Wi t0; rewrite -/p; apply/negP; rewrite -ltNge.
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

(** [Z] is nearest to [Wb] among the weights of zero loss. *)
Definition nearest_zero_loss (R : realFieldType) (B : nat) (net : network R B) (Wb Z : weights net) :=
  lossW Z = 0 /\ forall V : weights net, lossW V = 0 -> wsq (wsub Z Wb) <= wsq (wsub V Wb).

(** The theorem.  For a continuous loss that is not negative and has a zero there is a minimiser for every
    learning rate; minimisers obey the bounds of [T10_bounds], for every zero and hence for the
    distance; and beyond some learning rate all of them are within [eps] of a nearest point of zero loss.
    Both premises are theorems about the real numbers ([RealNumbers.v]). *)
Theorem T10_large_learning_rate (R : realFieldType) (B : nat) (net : network R B) (Wb : weights net) :
  complete R -> excluded_middle ->
  (forall V : weights net, 0 <= lossW V) -> (forall V : weights net, loss_continuous V) ->
  (exists Z : weights net, lossW Z = 0) ->
  [/\ forall alpha, 0 < alpha -> exists W, minimises (@anything _) (prox alpha Wb) W,
      forall alpha W Z, 0 < alpha -> minimises (@anything _) (prox alpha Wb) W -> lossW Z = 0 ->
        lossW W <= wsq (wsub Z Wb) / (2 * alpha) /\ wsq (wsub W Wb) <= wsq (wsub Z Wb)
    & forall eps, 0 < eps -> exists alpha0, forall alpha W, 0 < alpha -> alpha0 <= alpha ->
        minimises (@anything _) (prox alpha Wb) W ->
        exists2 Z, nearest_zero_loss Wb Z & wsq (wsub W Z) <= eps].
Proof.
move=> cR em L0 cont [Z0 z0]; split=> [alpha a0|alpha W Z a0 mW zZ|eps eps0].
- exact: minimiser_exists.
- exact: T10_bounds a0 L0 zZ mW.
pose close W := exists2 Z, nearest_zero_loss Wb Z & wsq (wsub W Z) <= eps.
pose far (k : nat) W := exists alpha, [/\ 0 < alpha, k%:R <= alpha,
  minimises (@anything _) (prox alpha Wb) W & ~ close W].
case: (em (exists k, forall W, ~ far k W)) => [[k none]|all].
  exists k%:R => alpha W a0 ka mW; case: (em (close W)) => // nc; exfalso.
  by apply: (none W); exists alpha.
exfalso; have inh k : exists W, far k W.
  case: (em (exists W, far k W)) => // no; exfalso; apply: all; exists k => W fW.
  by apply: no; exists W.
have nested k W : far k.+1 W -> far k W.
  by move=> [alpha [a0 ka mW nc]]; exists alpha; split=> //; apply: le_trans ka; rewrite ler_nat.
have ball W : far 0%N W -> wsq (wsub W Wb) <= wsq (wsub Z0 Wb).
  by move=> [alpha [a0 _ mW _]]; exact: (T10_bounds a0 L0 z0 mW).2.
have [Wi acc] := weights_accumulate cR em nested inh ball.
have near_Wi e A : 0 < e -> exists alpha W, [/\ 0 < alpha, A <= alpha,
    minimises (@anything _) (prox alpha Wb) W & wsq (wsub W Wi) <= e].
  move=> e0; have [k Ak] := archimedean cR em A.
  have [W [alpha [a0 ka mW _]] nW] := acc k e e0.
  by exists alpha, W; split=> //; apply: le_trans ka.
have nearest : nearest_zero_loss Wb Wi.
  split=> [|V zV]; first exact: (T10_accumulation L0 z0 (cont Wi) near_Wi).1.
  exact: (T10_accumulation L0 zV (cont Wi) near_Wi).2.
have [W [alpha [_ _ _ nc]] nW] := acc 0%N eps eps0.
by apply: nc; exists Wi.
Qed.

(** Linear regression satisfies the hypotheses on the loss whenever the input is not zero. *)
Theorem T10_example (R : realFieldType) (d0 d1 : nat) (x : 'cV[R]_d0) (y : 'cV[R]_d1) : x != 0 ->
  [/\ forall V : weights (linear_regression x y), 0 <= lossW V,
      forall V : weights (linear_regression x y), loss_continuous V
    & exists Z : weights (linear_regression x y), lossW Z = 0].
Proof.
move=> x0; have s0 : nsq x != 0 by rewrite nsq_eq0.
split=> [V|V|].
- by rewrite one_layer_loss mulr_ge0 ?nsq_ge0 // invr_ge0 ler0n.
- exact: (smooth_continuous (linear_regression_smooth (forward V))).
- exists (one_weight x (squared_error y) ((nsq x)^-1 *: (y *m x^T))).
  rewrite one_layer_loss /squared_error /= -scalemxAl -mulmxA gram_col mul_mx_scalar scalerA.
  by rewrite mulVf // scale1r subrr nsq0 mulr0.
Qed.
