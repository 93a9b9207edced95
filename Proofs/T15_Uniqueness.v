(** * T15: uniqueness *)

From Proofs Require Import Preamble Matrices Network Calculus Backpropagation Completeness
  T05_LinearRegression.

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

(** The gradient of [L + ||.||^2 / (2 alpha)] is strictly monotone on the ball. *)
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

(** [H W] is the Hessian of the loss: the derivative of its gradient, [H W D] along [D]. *)
Definition hessian_at (R : realFieldType) (B : nat) (net : network R B) (bw : backward net)
    (H : weights net -> weights net -> weights net) (W : weights net) : Prop :=
  forall D E : weights net,
    sderiv (fun t => wdot (gradW bw (wadd W (wscale t D))) E) (wdot (H W D) E).

(** [Hessian of L > - I / alpha] on the ball. *)
Definition hessian_above (R : realFieldType) (B : nat) (net : network R B) (alpha : R)
    (H : weights net -> weights net -> weights net) (Wb : weights net) : Prop :=
  forall W D : weights net, wsq (wsub W Wb) <= 2 * alpha * lossW Wb -> wsq D != 0 ->
    - (alpha^-1 * wsq D) < wdot (H W D) D.

(* Balls are convex. *)
Lemma ball_convex (R : realFieldType) (B : nat) (net : network R B) (Wb U V : weights net)
    (r t : R) : 0 <= t <= 1 -> wsq (wsub U Wb) <= r -> wsq (wsub V Wb) <= r ->
  wsq (wsub (wadd V (wscale t (wsub U V))) Wb) <= r.
Proof.
move=> /andP[t0 t1] hU hV.
have e : wsq (wsub (wadd V (wscale t (wsub U V))) Wb) =
    (1 - t) * wsq (wsub V Wb) + t * wsq (wsub U Wb) - t * (1 - t) * wsq (wsub U V).
  rewrite /wsq /wdot !mulr_sumr -big_split -sumrB; apply: eq_bigr => n _ /=.
  rewrite /wadd /wscale /wsub -!/(nsq _).
  have -> : V n + t *: (U n - V n) - Wb n = (V n - Wb n) + t *: (U n - V n) by rewrite addrAC.
  have -> : U n - Wb n = (V n - Wb n) + (U n - V n) by rewrite [RHS]addrC addrA subrK.
  move: (V n - Wb n) (U n - V n) => a b; rewrite !nsqD nsqZ dotZr.
  by move: (nsq a) (dot a b) (nsq b) => p q s; ring.
rewrite e; apply: le_trans (_ : (1 - t) * r + t * r <= _); last first.
  by rewrite -mulrDl subrK mul1r.
apply: le_trans (_ : (1 - t) * wsq (wsub V Wb) + t * wsq (wsub U Wb) <= _).
  by rewrite ger_addl oppr_le0 !mulr_ge0 ?wsq_ge0 ?subr_ge0.
by rewrite ler_add // ler_wpmul2l // subr_ge0.
Qed.

(* The mean value theorem along the segment between two weights. *)
Lemma hessian_monotone (R : realFieldType) (B : nat) (net : network R B) (bw : backward net)
    (alpha : R) (H : weights net -> weights net -> weights net) (Wb : weights net) :
  complete R ->
  (forall W, wsq (wsub W Wb) <= 2 * alpha * lossW Wb -> hessian_at bw H W) ->
  hessian_above alpha H Wb -> strictly_monotone bw alpha Wb.
Proof.
move=> cR hess above U V bU bV ns; set D := wsub U V; set k := - _.
have D0 : wsq D != 0 by apply/eqP => /wsq_sub_eq0.
pose at_ t := wadd V (wscale t D).
pose f t := wdot (gradW bw (at_ t)) D.
have inside t : 0 <= t <= 1 -> wsq (wsub (at_ t) Wb) <= 2 * alpha * lossW Wb.
  by move=> ht; apply: ball_convex.
have ext t t' : wsame t t' -> wdot (gradW bw t) D = wdot (gradW bw t') D.
  by move=> e; apply: eq_bigr => n _; rewrite (gradW_same bw e).
have lt : k < f 1 - f 0.
  apply: (@mean_value R f (fun u => wdot (H (at_ u) D) D)) => // [u hu|u hu]; last first.
    by apply: above => //; apply: inside.
  have := hess _ (inside u hu) D D; apply: sderiv_ext; apply: near_all => t _.
  by apply: ext => n _; rewrite /at_ /wadd /wscale scalerDl addrA.
apply: lt_le_trans lt _; rewrite le_eqVlt; apply/orP; left; apply/eqP.
have -> : f 1 = wdot (gradW bw U) D.
  by apply: ext => n _; rewrite /at_ /wadd /wscale scale1r addrC subrK.
have -> : f 0 = wdot (gradW bw V) D.
  by apply: ext => n _; rewrite /at_ /wadd /wscale scale0r addr0.
by rewrite /wdot -sumrB; apply: eq_bigr => n _; rewrite /wsub dotBl.
Qed.

(** The minimiser is unique if the gradient is strictly monotone, over any ordered field ... *)
Theorem T15_monotone (R : realFieldType) (B : nat) (net : network R B)
    (bw : backward net) (alpha : R) (Wb U V : weights net) :
  0 < alpha -> (forall W : weights net, 0 <= lossW W) ->
  (forall W : weights net, wsq (wsub W Wb) <= 2 * alpha * lossW Wb -> smooth_at bw (forward W)) ->
  strictly_monotone bw alpha Wb ->
  minimises (@anything _) (prox alpha Wb) U -> minimises (@anything _) (prox alpha Wb) V ->
  wsame U V.
Proof.
move=> a0 L0 sm mono mU mV.
have an : alpha != 0 by rewrite gt_eqF.
have bU := T15_ball a0 L0 mU; have bV := T15_ball a0 L0 mV.
by apply: (T15_unique_solution a0 mono bU bV); apply: minimiser_implicit => //; apply: sm.
Qed.

(** ... and, over the reals or any complete field, if the Hessian is above [- I / alpha] on the ball. *)
Theorem T15_uniqueness (R : realFieldType) (B : nat) (net : network R B) (bw : backward net)
    (alpha : R) (H : weights net -> weights net -> weights net) (Wb U V : weights net) :
  complete R ->
  0 < alpha -> (forall W : weights net, 0 <= lossW W) ->
  (forall W : weights net, wsq (wsub W Wb) <= 2 * alpha * lossW Wb ->
     smooth_at bw (forward W) /\ hessian_at bw H W) ->
  hessian_above alpha H Wb ->
  minimises (@anything _) (prox alpha Wb) U -> minimises (@anything _) (prox alpha Wb) V ->
  wsame U V.
Proof.
move=> cR a0 L0 reg above; have sm W (bW : wsq (wsub W Wb) <= _) := (reg W bW).1.
have he W (bW : wsq (wsub W Wb) <= _) := (reg W bW).2.
exact: (T15_monotone a0 L0 sm (hessian_monotone cR he above)).
Qed.

(** The hypotheses hold for linear regression, at every learning rate; [H V = V x x^T]. *)
Theorem T15_example (R : realFieldType) (d0 d1 : nat) (x : 'cV[R]_d0) (y : 'cV[R]_d1)
    (alpha : R) (Wb : weights (linear_regression x y)) : 0 < alpha ->
  let bw := linear_regression_backward x y in
  let H (_ V : weights (linear_regression x y)) :=
    one_weight x (squared_error y) (V 0%N *m (x *m x^T)) in
  [/\ forall W : weights (linear_regression x y), 0 <= lossW W,
      forall W : weights (linear_regression x y), smooth_at bw (forward W) /\ hessian_at bw H W
    & hessian_above alpha H Wb].
Proof.
move=> a0 bw H; split=> [W|W|W D _ D0].
- by rewrite one_layer_loss mulr_ge0 ?nsq_ge0 // invr_ge0 ler0n.
- split; first exact: linear_regression_smooth.
  move=> D E; rewrite one_layer_wdot.
  have := sderiv_line (dot (gradW bw W 0%N) (E 0%N)) (dot (D 0%N *m (x *m x^T)) (E 0%N)).
  apply: sderiv_ext; apply: near_all => t _.
  set Wt := wadd W _; rewrite one_layer_wdot -(subrK (gradW bw W 0%N) (gradW bw Wt 0%N)).
  rewrite linear_regression_gradB dotDl [RHS]addrC; congr (_ + _).
  by rewrite mulrC -dotZl /Wt /wadd /wscale [W 0%N + _]addrC addrK scalemxAl.
apply: lt_le_trans (_ : 0 <= _).
  by rewrite oppr_lt0 mulr_gt0 ?invr_gt0 // lt_def D0 wsq_ge0.
by rewrite one_layer_wdot /= mulmxA dot_mulr trmxK nsq_ge0.
Qed.
