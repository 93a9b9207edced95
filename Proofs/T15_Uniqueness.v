(** * T15: uniqueness *)

From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From Proofs Require Import Matrices Network Calculus Backpropagation T05_LinearRegression.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.


(** For a loss that is not negative, every global minimiser lies in the ball
    [||theta - theta_b||^2 <= 2 alpha L(theta_b)]. *)
Theorem T15_ball (R : realFieldType) (B : nat) (net : network R B) (alpha : R)
    (Wb W : weights net) :
  0 < alpha -> (forall V : weights net, 0 <= lossW V) ->
  minimises (@anything _) (prox alpha Wb) W ->
  wsq (wsub W Wb) <= 2 * alpha * lossW Wb.
Proof.
move=> a0 L0 [_ Wmin]; have := Wmin Wb I; rewrite prox_base /prox => le.
rewrite -ler_pdivr_mull ?mulr_gt0 ?ltr0n //; apply: le_trans le.
by rewrite ler_addr.
Qed.

(** The gradient of [L + ||.||^2 / (2 alpha)] is strictly monotone on the ball, which is what
    [Hessian of L > - I / alpha] on the (convex) ball gives by the mean value theorem. *)
Definition strictly_monotone (R : realFieldType) (B : nat) (net : network R B)
    (bw : backward net) (alpha : R) (Wb : weights net) : Prop :=
  forall U V : weights net,
    wsq (wsub U Wb) <= 2 * alpha * lossW Wb -> wsq (wsub V Wb) <= 2 * alpha * lossW Wb ->
    ~ wsame U V ->
    - (alpha^-1 * wsq (wsub U V)) < wdot (wsub (gradW bw U) (gradW bw V)) (wsub U V).

(** Then the implicit equation has at most one solution in the ball. *)
Theorem T15_unique_solution (R : realFieldType) (B : nat) (net : network R B)
    (bw : backward net) (alpha : R) (Wb U V : weights net) :
  0 < alpha -> strictly_monotone bw alpha Wb ->
  wsq (wsub U Wb) <= 2 * alpha * lossW Wb -> wsq (wsub V Wb) <= 2 * alpha * lossW Wb ->
  implicit_equation bw alpha Wb U -> implicit_equation bw alpha Wb V ->
  wsame U V.
Proof.
move=> a0 mono bU bV eU eV; apply/wsq_sub_eq0/eqP/negPn/negP => ne.
have ns : ~ wsame U V by move=> /wsq_sub_eq0 e; rewrite e eqxx in ne.
have := mono U V bU bV ns.
have -> : wdot (wsub (gradW bw U) (gradW bw V)) (wsub U V) = - (alpha^-1 * wsq (wsub U V)).
  rewrite /wsq /wdot mulr_sumr -sumrN; apply: eq_bigr => n _.
  have g W : implicit_equation bw alpha Wb W -> gradW bw W n = alpha^-1 *: (Wb n - W n).
    by move=> e; rewrite (e n (ltn_ord n)) opprB addrC subrK scalerA mulVf ?gt_eqF // scale1r.
  rewrite -dotZl -dotNl; congr (dot _ _); rewrite /wsub (g U eU) (g V eV) -scalerBr -scalerN.
  by rewrite !opprB addrC addrA subrK.
by rewrite ltxx.
Qed.

(** And the minimiser is unique. *)
Theorem T15_uniqueness (R : realFieldType) (B : nat) (net : network R B)
    (bw : backward net) (alpha : R) (Wb U V : weights net) :
  0 < alpha -> (forall W : weights net, 0 <= lossW W) ->
  (forall W : weights net, smooth_at bw (forward W)) ->
  strictly_monotone bw alpha Wb ->
  minimises (@anything _) (prox alpha Wb) U -> minimises (@anything _) (prox alpha Wb) V ->
  wsame U V.
Proof.
move=> a0 L0 sm mono mU mV.
have an : alpha != 0 by rewrite gt_eqF.
apply: (T15_unique_solution a0 mono); by [exact: T15_ball | exact: minimiser_implicit].
Qed.

(** The hypotheses hold for linear regression, at every learning rate. *)
Theorem T15_example (R : realFieldType) (d0 d1 : nat) (x : 'cV[R]_d0) (y : 'cV[R]_d1)
    (alpha : R) (Wb : weights (linear_regression x y)) : 0 < alpha ->
  [/\ forall W : weights (linear_regression x y), 0 <= lossW W,
      forall W : weights (linear_regression x y),
        smooth_at (linear_regression_backward x y) (forward W)
    & strictly_monotone (linear_regression_backward x y) alpha Wb].
Proof.
move=> a0; split=> [W|W|U V _ _ ns].
- by rewrite one_layer_loss mulr_ge0 ?nsq_ge0 // invr_ge0 ler0n.
- exact: linear_regression_smooth.
have p : 0 < wsq (wsub U V) by rewrite lt_def wsq_ge0 andbT; apply/eqP => /wsq_sub_eq0.
apply: lt_le_trans (_ : 0 <= _); first by rewrite oppr_lt0 mulr_gt0 ?invr_gt0.
rewrite one_layer_wdot /wsub !linear_regression_grad opprK addrC -mulmxBl.
have -> : y - V 0%N *m x - (y - U 0%N *m x) = (U 0%N - V 0%N) *m x.
  by rewrite mulmxBl opprB [LHS]addrC addrA subrK.
by rewrite dot_mulr trmxK nsq_ge0.
Qed.
