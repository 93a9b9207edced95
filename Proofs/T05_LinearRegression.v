(** * T5: linear regression *)

From Proofs Require Import Preamble Matrices Network Calculus Backpropagation.

(* The gradient of the squared error is the residual. *)
Lemma squared_error_gradient (R : realFieldType) d B (y h : 'M[R]_(d, B)) :
  gradient (squared_error y) h (h - y).
Proof.
move=> e e0; exists (4 * e) => [|V small]; first by rewrite mulr_gt0 ?ltr0n.
have -> : squared_error y (h + V) - squared_error y h - dot (h - y) V = 2^-1 * nsq V.
  rewrite /squared_error (addrAC h V) (nsqD (h - y) V).
  by move: (nsq _) (dot _ _) (nsq V) => a b c; field.
move: (nsq V) (nsq_ge0 V) small => v v0 small.
have -> : (2^-1 * v) ^+ 2 = 4^-1 * v * v by field.
by rewrite ler_wpmul2r // mulrC ler_pdivr_mulr ?ltr0n // mulrC.
Qed.

Section LinearRegression.
Variables (R : realFieldType) (d0 d1 : nat) (x : 'cV[R]_d0) (y : 'cV[R]_d1).

(** One linear layer, one example, squared error. *)
Definition linear_regression : network R 1 := one_layer x (squared_error y).

(** Its backward pass: the layer is linear, the loss gradient is the residual. *)
Lemma id_linear n : linear (fun V : 'M[R]_(widths d0 d1 n, 1) => V).
Proof. by []. Qed.

Definition linear_regression_backward : backward linear_regression :=
  @Backward R 1 linear_regression (fun _ _ V => V) (fun _ _ U => U) (fun h => h - y)
    (fun n _ => @id_linear n) (fun _ _ _ _ => erefl).

Lemma linear_regression_smooth h : smooth_at linear_regression_backward h.
Proof.
split=> [n _ e e0|]; last exact: squared_error_gradient.
exists 1 => [|V _]; first exact: ltr01.
change (nsq (h n + V - h n - V) <= e * nsq V).
by rewrite [h n + V]addrC addrK subrr nsq0 mulr_ge0 ?nsq_ge0 // ltW.
Qed.

(* Its gradient is [-(y - W x) x^T]. *)
Lemma linear_regression_grad (W : weights linear_regression) :
  gradW linear_regression_backward W 0%N = - ((y - W 0%N *m x) *m x^T).
Proof. by rewrite /gradW /delta /= conform_mx_id -mulNmx opprB. Qed.

(* It changes linearly with the weights. *)
Lemma linear_regression_gradB (U V : weights linear_regression) :
  gradW linear_regression_backward U 0%N - gradW linear_regression_backward V 0%N =
    (U 0%N - V 0%N) *m (x *m x^T).
Proof.
rewrite !linear_regression_grad opprK addrC -mulmxBl mulmxA; congr (_ *m _).
by rewrite mulmxBl opprB [LHS]addrC addrA subrK.
Qed.

End LinearRegression.

(** The proximal objective around the implicit solution [Wi]; everything follows from it. *)
Lemma linear_regression_prox (R : realFieldType) (d0 d1 : nat) (x : 'cV[R]_d0) (y : 'cV[R]_d1)
    (alpha : R) (Wb M : 'M[R]_(d1, d0)) : 0 < alpha ->
  let Wi := Wb + (alpha / (1 + alpha * nsq x)) *: ((y - Wb *m x) *m x^T) in
  let P M := squared_error y (M *m x) + (2 * alpha)^-1 * nsq (M - Wb) in
  y - Wi *m x = (1 + alpha * nsq x)^-1 *: (y - Wb *m x) /\
  P M = P Wi + (2^-1 * nsq ((M - Wi) *m x) + (2 * alpha)^-1 * nsq (M - Wi)).
Proof.
move=> a0 Wi P; set s := nsq x; set r := y - Wb *m x; set q := 1 + alpha * s.
have q0 : q != 0.
  rewrite gt_eqF // /q addrC; apply: ltr_paddl ltr01.
  by rewrite mulr_ge0 ?nsq_ge0 // ltW.
have res : y - Wi *m x = q^-1 *: r.
  rewrite /Wi mulmxDl -scalemxAl -mulmxA gram_col mul_mx_scalar scalerA opprD addrA.
  rewrite -/r -/s -/q -{1}[r]scale1r -scalerBl; congr (_ *: _).
  by rewrite /q in q0 *; field.
split=> //; rewrite /P; set D := M - Wi.
have -> : M - Wb = D + (alpha / q) *: (r *m x^T) by rewrite /D /Wi opprD addrA subrK.
have -> : Wi - Wb = (alpha / q) *: (r *m x^T) by rewrite /Wi addrC addKr.
rewrite /squared_error.
have -> : M *m x - y = D *m x - q^-1 *: r by rewrite -res /D mulmxBl opprB addrA subrK.
have -> : Wi *m x - y = - (q^-1 *: r) by rewrite -res opprB.
rewrite nsqN (nsqB (D *m x)) (nsqD D) dotZr dotZr.
have -> : dot D (r *m x^T) = dot (D *m x) r by rewrite dot_mulr.
have an : alpha != 0 by rewrite gt_eqF.
move: (nsq (D *m x)) (dot _ r) (nsq (q^-1 *: r)) (nsq D) (nsq _) => a b c e f.
by field; rewrite an q0.
Qed.

(** The theorem.  [Wi] is the implicit step, [We] the explicit one, [r] the residual before. *)
Theorem T05_linear_regression (R : realFieldType) (d0 d1 : nat) (x : 'cV[R]_d0) (y : 'cV[R]_d1)
    (alpha : R) (Wb : weights (linear_regression x y)) :
  0 < alpha ->
  let s := nsq x in let r := y - Wb 0%N *m x in
  let Wi := Wb 0%N + (alpha / (1 + alpha * s)) *: (r *m x^T) in
  let We := Wb 0%N - alpha *: gradW (linear_regression_backward x y) Wb 0%N in
  [/\ (* the implicit step is the only minimiser *)
      forall W, minimises (@anything _) (prox alpha Wb) W <-> W 0%N = Wi,
      (* it multiplies the residual by 1 / (1 + alpha s) *)
      y - Wi *m x = (1 + alpha * s)^-1 *: r,
      (* the explicit step multiplies it by 1 - alpha s *)
      We = Wb 0%N + alpha *: (r *m x^T) /\ y - We *m x = (1 - alpha * s) *: r
    & (* which makes it larger exactly when alpha s > 2 *)
      r != 0 -> s != 0 -> (nsq r < nsq (y - We *m x) <-> 2 < alpha * s)].
Proof.
move=> a0 s r Wi We.
have WeE : We = Wb 0%N + alpha *: (r *m x^T) by rewrite /We linear_regression_grad scalerN opprK.
have res : y - We *m x = (1 - alpha * s) *: r.
  rewrite WeE mulmxDl -scalemxAl -mulmxA gram_col mul_mx_scalar scalerA opprD addrA.
  by rewrite scalerBl scale1r.
have key M := (linear_regression_prox x y (Wb 0%N) M a0).2.
have i2 : 0 < (2 : R)^-1 by rewrite invr_gt0 ltr0n.
have i0 : 0 < (2 * alpha)^-1 by rewrite invr_gt0 mulr_gt0 ?ltr0n.
split=> //.
- move=> W; split=> [[_ Wmin]|WE].
    have := Wmin (one_weight x (squared_error y) Wi) I; rewrite !one_layer_prox /= key.
    rewrite ger_addl => le; apply/eqP; rewrite -subr_eq0 -nsq_eq0 eq_le nsq_ge0 andbT.
    rewrite -(pmulr_rle0 _ i0); apply: le_trans le.
    by rewrite ler_addr mulr_ge0 ?nsq_ge0 // ltW.
  split=> // V _; rewrite !one_layer_prox WE (key (V 0%N)) ler_addl.
  by rewrite addr_ge0 // mulr_ge0 ?nsq_ge0 // ltW.
- exact: (linear_regression_prox x y (Wb 0%N) Wi a0).1.
- move=> r0 s0; have rp : 0 < nsq r by rewrite lt_def nsq_ge0 nsq_eq0 r0.
  have sp : 0 < alpha * s by rewrite mulr_gt0 // lt_def nsq_ge0 s0.
  rewrite res nsqZ ltr_pmull //.
  have -> : (1 < (1 - alpha * s) ^+ 2) = (0 < alpha * s * (alpha * s - 2)).
    by rewrite -subr_gt0; congr (_ < _); ring.
  by rewrite pmulr_rgt0 // subr_gt0.
Qed.
