(** * Examples that satisfy the hypotheses of the theorems on networks of several layers

    Two layers with the activation [h^2] and exact numbers (T8, T9), a family of IL-prox equilibria whose
    residual is of second order exactly (T9), and deep linear networks of any depth, whose
    equilibria depend differentiably on the weights (T13).  Linear regression is in the theorems' own files. *)

From Proofs Require Import Preamble Matrices Network Calculus Backpropagation T05_LinearRegression
  T08_UpdatedFeedback T09_DroppedTerm T13_EquilibriumEnergy T12_DeepLinear.

Lemma scalar_mx0 (R : realFieldType) (a : R) : a = 0 -> a%:M = 0 :> 'M[R]_1.
Proof. by move=> ->; rewrite raddf0. Qed.

Lemma scalar_mx_neq0 (R : realFieldType) (a : R) : a != 0 -> a%:M != 0 :> 'M[R]_1.
Proof. by move=> a0; apply: contra a0 => /eqP/matrixP/(_ 0 0); rewrite !mxE mulr1n => ->. Qed.

(** ** Two layers of one unit, activation [h^2], input 1 *)

Section Square.
Variables (R : realFieldType) (y : R).

Definition one_unit (n : nat) : nat := 1.
Definition square_act (n : nat) (X : 'M[R]_1) : 'M[R]_1 := if n is 0 then X else X *m X.
Definition square_dact (n : nat) (X V : 'M[R]_1) : 'M[R]_1 := if n is 0 then V else X *m V + V *m X.
Definition square_bact (n : nat) (X U : 'M[R]_1) : 'M[R]_1 :=
  if n is 0 then U else X^T *m U + U *m X^T.

Definition square_network : network R 1 :=
  @Network R 1 2 one_unit one_unit square_act 1%:M (squared_error y%:M).

Lemma square_dact_linear n X : linear (square_dact n X).
Proof.
by case: n => [|n] c U V //=; rewrite mulmxDr mulmxDl -scalemxAl -scalemxAr scalerDr addrACA.
Qed.

Lemma square_bact_adjoint n X V U : dot (square_dact n X V) U = dot V (square_bact n X U).
Proof. by case: n => [|n] //=; rewrite dotDl dotDr dot_mull dot_mulr. Qed.

Definition square_backward : backward square_network :=
  @Backward R 1 square_network square_dact square_bact (fun h => h - y%:M)
    square_dact_linear square_bact_adjoint.

Lemma square_smooth h : smooth_at square_backward h.
Proof.
split=> [n _ e e0|]; last exact: squared_error_gradient.
case: n => [|n].
  exists 1 => [|V _]; first exact: ltr01.
  change (nsq (h 0%N + V - h 0%N - V) <= e * nsq V).
  by rewrite [h 0%N + V]addrC addrK subrr nsq0 mulr_ge0 ?nsq_ge0 // ltW.
exists e => // V small; set X := h n.+1.
change (nsq ((X + V) *m (X + V) - X *m X - (X *m V + V *m X)) <= e * nsq V).
have -> : (X + V) *m (X + V) - X *m X - (X *m V + V *m X) = V *m V.
  rewrite mulmxDl !mulmxDr; move: (X *m X) (X *m V) (V *m X) (V *m V) => p q r s.
  by apply/matrixP => i j; rewrite !mxE; move: (p i j) (q i j) (r i j) (s i j) => a b c d; ring.
by apply: le_trans (nsqM_le _ _) _; rewrite ler_wpmul2r ?nsq_ge0.
Qed.

(** Weights [w, 1] and activities [1, 1, 2]: errors [1 - w] and 1. *)
Definition square_weights (w : R) : weights square_network :=
  fun n => (if n is 0 then w else 1)%:M.
Definition square_activities : activities square_network :=
  fun n => (if n is n'.+2 then 2 else 1)%:M.

Lemma square_rates n : (n < 2)%N -> act (square_activities n) = 1%:M :> 'M[R]_1.
Proof. by case: n => [|[|n]] //= _; rewrite mul1mx. Qed.

Lemma square_gram n : (n < 2)%N -> gram square_activities n \in unitmx.
Proof. by move=> ln; rewrite /gram square_rates // trmx1 mulmx1 unitmx1. Qed.

Lemma square_err w n : (n < 2)%N ->
  err (square_weights w) square_activities n = (if n is 0 then 1 - w else 1)%:M :> 'M[R]_1.
Proof.
move=> ln; rewrite /err square_rates //.
case: n ln => [|[|n]] //= _; rewrite mulmx1 -raddfB //=; congr (_%:M); ring.
Qed.

Lemma square_scaled w n : (n < 2)%N ->
  scaled_err (square_weights w) square_activities n = (if n is 0 then 1 - w else 1)%:M :> 'M[R]_1.
Proof.
by move=> ln; rewrite /scaled_err /gram square_rates // trmx1 mulmx1 invmx1 mulmx1 square_err.
Qed.

Lemma square_feedback w (M : 'M[R]_1) :
  square_bact 1%N (square_activities 1%N)
    (M^T *m scaled_err (square_weights w) square_activities 1%N) = 2 *: M^T.
Proof. by rewrite square_scaled //= mulmx1 trmx1 mul1mx mulmx1 scaler_nat mulr2n. Qed.

Lemma square_updated w : updated (square_weights w) square_activities 1%N = 2%:M :> 'M[R]_1.
Proof.
rewrite updated_scaled ?square_gram // square_scaled // square_rates // trmx1 mulmx1.
by rewrite -raddfD.
Qed.

(* The output layer is at its proximal point for the target 3. *)
Lemma square_output Wf w : y = 3 ->
  inference_field square_backward 1 (square_weights w) Wf square_activities 1%N = 0.
Proof.
move=> y3; rewrite /inference_field (from_above_last square_backward 1) square_scaled //= invr1 scale1r y3.
by rewrite -!raddfB -raddfD /=; apply: scalar_mx0; ring.
Qed.

End Square.

(** T8: with [w = -3], target 3 and learning rate 1 these activities are an equilibrium of IL-exact, with
    errors 4 and 1. *)
Theorem T08_example (R : realFieldType) :
  let h := square_activities (3 : R) in let Wb := square_weights (3 : R) (-3) in
  [/\ h 0%N = input _, forall n, (n < 2)%N -> gram h n \in unitmx,
      smooth_at (square_backward 3) h, il_exact_equilibrium (square_backward 3) 1 Wb h
    & err Wb h 0%N = 4%:M /\ err Wb h 1%N = 1%:M].
Proof.
move=> h Wb; split=> //.
- exact: square_gram.
- exact: square_smooth.
- case=> [|[|n]] // _; last exact: square_output.
  rewrite /inference_field from_above_hidden // invr1 !scale1r.
  rewrite [bact _ _ _]square_feedback square_updated square_scaled //.
  by rewrite tr_scalar_mx scale_scalar_mx -raddfB /=; apply: scalar_mx0; ring.
- by rewrite !square_err //; split=> //; congr (_%:M); ring.
Qed.

(** T9: with [w = -1] they are an equilibrium of IL-prox, with errors 2 and 1, and the implicit residual of
    the hidden layer is not zero. *)
Theorem T09_example (R : realFieldType) :
  let h := square_activities (3 : R) in let Wb := square_weights (3 : R) (-1) in
  [/\ h 0%N = input _, forall n, (n < 2)%N -> gram h n \in unitmx,
      il_prox_equilibrium (square_backward 3) 1 Wb h
    & (updated Wb h 0%N - Wb 0%N) + 1 *: gradW (square_backward 3) (updated Wb h) 0%N = (-2)%:M].
Proof.
move=> h Wb.
have h0 : h 0%N = input _ by [].
have eq : il_prox_equilibrium (square_backward 3) 1 Wb h.
  case=> [|[|n]] // _; last exact: square_output.
  rewrite /inference_field from_above_hidden // invr1 !scale1r.
  rewrite [bact _ _ _]square_feedback square_scaled //.
  by rewrite tr_scalar_mx scale_scalar_mx -raddfB /=; apply: scalar_mx0; ring.
have gr n : (n < 2)%N -> gram h n \in unitmx by exact: square_gram.
split=> //; have [_ _ ->] := T09_batch (oner_neq0 R) h0 gr eq => //.
rewrite scale1r square_rates // trmx1 mulmx1 /prox_defect invr1 scale1r square_scaled //.
have -> : delta (square_backward (3 : R)) (updated Wb h) h 1%N = (-4)%:M.
  rewrite (delta_step _ _ _ (n := 1%N)) // (delta_last (square_backward (3 : R))).
  rewrite square_updated tr_scalar_mx /= -raddfB /= -scalar_mxM tr_scalar_mx mul1mx mulmx1 -raddfD /=.
  by congr (_%:M); ring.
by rewrite -raddfD /=; congr (_%:M); ring.
Qed.

(** ** A family in the learning rate, second order exactly

    Two linear layers of one unit with the weights 1 and 0, input 1, target 1: IL-prox is in equilibrium at
    the activities 1, 1, alpha / (1 + alpha). *)

Section Family.
Variable R : realFieldType.

Definition line_network : network R 1 := deep_linear (N := 2) (d := one_unit) 1%:M (squared_error 1%:M).
Definition line_backward : backward line_network :=
  deep_linear_backward (N := 2) (d := one_unit) 1%:M (squared_error 1%:M) (fun h => h - 1%:M).
Definition line_weights : weights line_network := fun n => (if n is 0 then 1 else 0)%:M.
Definition line_activities (alpha : R) : activities line_network :=
  fun n => (if n is n'.+2 then alpha / (1 + alpha) else 1)%:M.

Lemma line_gram alpha n : (n < 2)%N -> gram (line_activities alpha) n \in unitmx.
Proof. by case: n => [|[|n]] // _; rewrite /gram trmx1 mulmx1 unitmx1. Qed.

Lemma line_err alpha n : (n < 2)%N ->
  err line_weights (line_activities alpha) n = (if n is 0 then 0 else alpha / (1 + alpha))%:M :> 'M[R]_1.
Proof.
by case: n => [|[|n]] // _; rewrite /err /= mulmx1 -raddfB ?subrr ?subr0.
Qed.

Lemma line_scaled alpha n : (n < 2)%N ->
  scaled_err line_weights (line_activities alpha) n = err line_weights (line_activities alpha) n.
Proof. by case: n => [|[|n]] // _; rewrite /scaled_err /gram trmx1 mulmx1 invmx1 mulmx1. Qed.

Lemma line_equilibrium alpha : 0 < alpha ->
  il_prox_equilibrium line_backward alpha line_weights (line_activities alpha).
Proof.
move=> a0; have an : alpha != 0 by rewrite gt_eqF.
have qn : 1 + alpha != 0 by rewrite gt_eqF // addr_gt0 ?ltr01.
case=> [|[|n]] // _; rewrite /inference_field line_scaled // line_err //.
  rewrite from_above_hidden //= line_scaled // line_err //.
  by rewrite tr_scalar_mx -scalar_mxM mul0r !raddf0 ?scaler0 ?oppr0 ?addr0.
rewrite (from_above_last line_backward) /= -raddfB /= scale_scalar_mx -raddfD /=.
by apply: scalar_mx0; field; rewrite an qn.
Qed.

Lemma line_bounded : bounded_equilibria line_backward line_weights 1 1 line_activities.
Proof.
move=> alpha [a0 a1].
have q0 : 0 < 1 + alpha by rewrite addr_gt0 ?ltr01.
split=> // [n||n ln|].
- exact: line_gram.
- exact: line_equilibrium.
- split=> [|U]; last by rewrite mul1r.
  by case: n ln => [|[|n]] // _; rewrite /= nsq_scalar expr1n.
rewrite /= -raddfB /= nsq_scalar.
have -> : alpha / (1 + alpha) - 1 = - (1 + alpha)^-1 by field; rewrite gt_eqF.
rewrite sqrrN exprVn invf_le1 ?exprn_gt0 // expr_ge1 ?(ltW q0) //.
by rewrite ler_addl ltW.
Qed.

Lemma line_residual alpha : 0 < alpha ->
  let W := updated line_weights (line_activities alpha) in
  (W 0%N - line_weights 0%N) + alpha *: gradW line_backward W 0%N
    = (- (alpha ^+ 2 / (1 + alpha) ^+ 2))%:M :> 'M[R]_1.
Proof.
move=> a0 W; have an : alpha != 0 by rewrite gt_eqF.
have qn : 1 + alpha != 0 by rewrite gt_eqF // addr_gt0 ?ltr01.
have gr n : (n < 2)%N -> gram (line_activities alpha) n \in unitmx by exact: line_gram.
have h0 : line_activities alpha 0%N = input _ by [].
have [_ _ ->] := T09_batch an h0 gr (line_equilibrium a0) => //.
rewrite /prox_defect line_scaled // line_err // raddf0 scaler0 add0r.
rewrite (delta_step line_backward _ _ (n := 1%N)) // (delta_last line_backward).
rewrite updated_scaled ?line_gram // line_scaled // line_err //= !tr_scalar_mx.
rewrite -!scalar_mxM -raddfD -raddfB /= tr_scalar_mx -!scalar_mxM scale_scalar_mx.
by congr (_%:M); field.
Qed.

End Family.

(** T9, second order: the family is one of bounded equilibria, and the residual of its hidden layer is
    [- alpha^2 / (1 + alpha)^2], so that the order 2 of T09_second_order is not improved upon. *)
Theorem T09_family_example (R : realFieldType) :
  bounded_equilibria (line_backward R) (line_weights R) 1 1 (@line_activities R) /\
  forall alpha : R, 0 < alpha ->
    let W := updated (line_weights R) (line_activities alpha) in
    (W 0%N - line_weights R 0%N) + alpha *: gradW (line_backward R) W 0%N
      = (- (alpha ^+ 2 / (1 + alpha) ^+ 2))%:M.
Proof. by split; [exact: line_bounded | exact: line_residual]. Qed.

(** ** Deep linear networks: equilibria that depend differentiably on the weights *)

Section DeepLinearCurve.
Variables (R : realFieldType) (B N : nat) (d : nat -> nat) (x : 'M[R]_(d 0%N, B)) (y : 'M[R]_(d N.+1, B)).
Variables (Wt : R -> forall n, 'M[R]_(d n.+1, d n)) (V : forall n, 'M[R]_(d n.+1, d n)).
Hypothesis curve : forall n, (n < N.+1)%N -> deriv (fun t => Wt t n) (V n).

Lemma path_curve m n : (m <= N.+1)%N -> {P | deriv (fun t => path (Wt t) m n) P}.
Proof.
elim: m => [_|m IH lm] /=; first by exists 0; apply: deriv_const.
case: (n == m.+1); first by exists 0; apply: deriv_const.
by have [P dP] := IH (ltnW lm); eexists; apply: derivM (curve lm) dP.
Qed.

Lemma sum_curve k p q (f : 'I_k -> R -> 'M[R]_(p, q)) :
  (forall i, {P | deriv (f i) P}) -> {P | deriv (fun t => \sum_i f i t) P}.
Proof.
elim: k f => [|k IH] f df.
  by exists 0; apply: deriv_ext (deriv_const 0); apply: near_all => t _; rewrite big_ord0.
have [P dP] := df ord0; have [Q dQ] := IH (fun i => f (lift ord0 i)) (fun i => df (lift ord0 i)).
exists (P + Q); apply: deriv_ext (derivD dP dQ); apply: near_all => t _.
by rewrite big_ord_recl.
Qed.

Lemma spread_curve : {P | deriv (fun t => spread (Wt t) N.+1) P}.
Proof.
apply: sum_curve => n; have [P dP] := path_curve n.+1 (leqnn N.+1).
by eexists; apply: derivM dP (deriv_tr dP).
Qed.

Lemma output_curve :
  {U | deriv (fun t => invmx (spread (Wt t) N.+1) *m (y - path (Wt t) N.+1 0 *m x)) U}.
Proof.
have [S dS] := spread_curve; have [P dP] := path_curve 0 (leqnn N.+1).
eexists; apply: derivM; first exact: deriv_inv dS (spread_unit _ (ltn0Sn N)).
apply: derivD (deriv_const y) _; apply: derivN; apply: derivM dP (deriv_const x).
Qed.

Lemma equilibrium_curve n : (n <= N.+1)%N ->
  {U | deriv (fun t => equilibrium (Wt t) x
         (invmx (spread (Wt t) N.+1) *m (y - path (Wt t) N.+1 0 *m x)) n) U}.
Proof.
elim: n => [_|n IH ln] /=; first by exists 0; apply: deriv_const.
have [U dU] := IH (ltnW ln); have [P dP] := path_curve n.+1 (leqnn N.+1).
have [O dO] := output_curve.
eexists; apply: derivD; first exact: derivM (curve ln) dU.
exact: derivM (deriv_tr dP) dO.
Qed.

Lemma equilibrium_velocity n :
  {U | (n <= N.+1)%N -> deriv (fun t => equilibrium (Wt t) x
         (invmx (spread (Wt t) N.+1) *m (y - path (Wt t) N.+1 0 *m x)) n) U}.
Proof.
case ln: (n <= N.+1)%N; last by exists 0.
by have [U dU] := equilibrium_curve ln; exists U.
Qed.

End DeepLinearCurve.

(** T13: along every differentiable curve of weights, deep linear networks have a differentiable branch
    of clamped equilibria, for every input and target. *)
Theorem T13_example (R : realFieldType) (B N : nat) (d : nat -> nat) (x : 'M[R]_(d 0%N, B))
    (y : 'M[R]_(d N.+1, B)) (Wt : R -> forall n, 'M[R]_(d n.+1, d n)) (V : forall n, 'M[R]_(d n.+1, d n)) :
  let net := deep_linear x (squared_error y) in
  let bw := deep_linear_backward x (squared_error y) (fun h => h - y) in
  (forall n, (n < N.+1)%N -> deriv (fun t => Wt t n) (V n)) ->
  exists (ht : R -> activities net) (U : activities net),
  [/\ forall n, (n <= N.+1)%N -> deriv (fun t => ht t n) (U n),
      U 0%N = 0 /\ U N.+1 = 0,
      smooth_at bw (ht 0)
    & forall t, clamped (net := net) y (ht t) /\ clamped_equilibrium bw (fun=> 1) (Wt t) (ht t)].
Proof.
move=> net bw curve.
pose u t := invmx (spread (Wt t) N.+1) *m (y - path (Wt t) N.+1 0 *m x).
pose ht t : activities net := equilibrium (Wt t) x (u t).
pose U : activities net := fun n =>
  if (0 < n < N.+1)%N then sval (equilibrium_velocity x y curve n) else 0.
have out t : ht t N.+1 = y by apply: equilibrium_output.
exists ht, U; split=> [n ln|||t].
- case: n ln => [|n] ln; first exact: deriv_const.
  have dn := svalP (equilibrium_velocity x y curve n.+1) ln.
  rewrite /U; case lt: (0 < n.+1 < N.+1)%N => //.
  have en : n = N by apply/eqP; rewrite eqn_leq -ltnS ln leqNgt -ltnS; move: lt => /= ->.
  by move: {ln dn lt} en => ->; apply: deriv_ext (deriv_const y); apply: near_all => t _; rewrite out.
- by split; rewrite /U ?ltnn.
- split=> [n _ e e0|]; last exact: squared_error_gradient.
  exists 1 => [|Z _]; first exact: ltr01.
  change (nsq (ht 0 n + Z - ht 0 n - Z) <= e * nsq Z).
  by rewrite [ht 0 n + Z]addrC addrK subrr nsq0 mulr_ge0 ?nsq_ge0 // ltW.
- split; first by split=> //; apply: out.
  move=> n lt; have errs k : @err _ _ net (Wt t) (ht t) k = (path (Wt t) N.+1 k.+1)^T *m u t.
    exact: equilibrium_errors.
  by rewrite !scale1r !errs /= mulmxA -trmx_mul -(path_right (Wt t) lt).
Qed.
