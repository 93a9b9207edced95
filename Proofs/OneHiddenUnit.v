(** * Networks of one linear hidden unit

    The smallest networks with a hidden layer, 1-1-m without biases, squared error: every rule has a closed form. *)

From Proofs Require Import Preamble Matrices Network Calculus Backpropagation T12_DeepLinear InferenceRules.

(* Closes goals that an expression built from positive terms is positive. *)
Ltac positive := repeat first [assumption | exact: ltr01 | rewrite ltr0n; exact: isT
  | apply: addr_gt0 | apply: mulr_gt0 | apply: exprn_gt0 | rewrite invr_gt0].

Section OneHidden.
Variables (R : realFieldType) (m : nat) (x : R) (y : 'cV[R]_m).

Definition one_hidden_widths (n : nat) : nat := if n is _.+2 then m else 1.
Definition one_hidden : network R 1 :=
  @deep_linear R 1 2 one_hidden_widths x%:M (squared_error y).
Definition one_hidden_backward : backward one_hidden :=
  @deep_linear_backward R 1 2 one_hidden_widths x%:M (squared_error y) (fun h => h - y).

(** The weights [W_0 = w], [W_1 = v]. *)
Definition two_weights (w : R) (v : 'cV[R]_m) : weights one_hidden :=
  fun n => match n return 'M[R]_(one_hidden_widths n.+1, one_hidden_widths n) with
  | 0 => w%:M
  | 1 => v
  | _ => 0
  end.

Lemma two_weightsE (W : weights one_hidden) : wsame W (two_weights (W 0%N ord0 ord0) (W 1%N)).
Proof. by case=> [|[|n]] // _; apply: mx11_scalar. Qed.

Lemma two_weightsB w v w' v' : wsame (wsub (two_weights w v) (two_weights w' v')) (two_weights (w - w') (v - v')).
Proof. by case=> [|[|n]] // _; rewrite /wsub /= raddfB. Qed.

Lemma two_weightsD w v w' v' : wsame (wadd (two_weights w v) (two_weights w' v')) (two_weights (w + w') (v + v')).
Proof. by case=> [|[|n]] // _; rewrite /wadd /= raddfD. Qed.

Lemma two_weights_wsq w v : wsq (two_weights w v) = w ^+ 2 + nsq v.
Proof. by rewrite /wsq /wdot !big_ord_recl big_ord0 addr0 /= -/(nsq _) nsq_scalar. Qed.

Lemma one_hidden_output w v : forward (two_weights w v) 2%N = (w * x) *: v.
Proof. by rewrite /= -scalar_mxM mul_mx_scalar. Qed.

Lemma one_hidden_prox alpha w v w0 v0 : prox alpha (two_weights w0 v0) (two_weights w v) =
  2^-1 * nsq ((w * x) *: v - y) + (2 * alpha)^-1 * ((w - w0) ^+ 2 + nsq (v - v0)).
Proof.
rewrite /prox /lossW one_hidden_output -two_weights_wsq; congr (_ + _ * _).
by apply: eq_bigr => n _; rewrite two_weightsB.
Qed.

Lemma wsq_same (V W : weights one_hidden) : wsame V W -> wsq V = wsq W.
Proof. by move=> VW; apply: eq_bigr => n _; rewrite VW. Qed.

(** Backpropagation. *)
Lemma one_hidden_bp alpha w v : let r := y - (w * x) *: v in
  wsame (bp_update one_hidden_backward (two_weights w v) alpha)
    (two_weights (alpha * x * dot v r) ((alpha * (w * x)) *: r)).
Proof.
move=> r n; have d2 : delta one_hidden_backward (two_weights w v) (forward (two_weights w v)) 2%N = - r.
  by rewrite -[2%N]/(depth one_hidden) delta_last /= -scalar_mxM mul_mx_scalar opprB.
case: n => [|[|n]] // _; rewrite /bp_update /wscale /gradW.
- rewrite delta_step // d2 /= mulmxN mulNmx tr_scalar_mx mul_mx_scalar.
  rewrite [v^T *m r]mx11_scalar -trace_mx11 mxtrace_mulC -/(dot r v) dotC.
  by apply/matrixP => i j; rewrite !mxE; case: (i == j); rewrite ?mulr1n ?mulr0n; ring.
- rewrite d2 /= -scalar_mxM tr_scalar_mx mul_mx_scalar.
  by apply/matrixP => i j; rewrite !mxE; ring.
Qed.

(** One scalar describes the inferred activities: that of the hidden unit. *)
Section Inference.
Variables (c : R -> R) (ratio : R -> R -> R) (w : R) (v : 'cV[R]_m).
Let W := two_weights w v.

Definition hidden_step (gamma a : R) : R :=
  a + gamma * (ratio (x ^+ 2) (a ^+ 2) * (c (a ^+ 2) * dot v (y - a *: v)) - (a - w * x)).

(** Activities with input [x] and hidden activity [a]. *)
Definition hidden_is (a : R) (h : activities one_hidden) : Prop := h 0%N = x%:M /\ h 1%N = a%:M.

Lemma hidden_error0 a h : hidden_is a h -> local_error one_hidden_backward W c h 0%N = (a - w * x)%:M.
Proof. by case=> h0 h1; rewrite /local_error /= /err h0 h1 /= -scalar_mxM raddfB. Qed.

Lemma hidden_error1 a h : hidden_is a h ->
  local_error one_hidden_backward W c h 1%N = c (a ^+ 2) *: (y - a *: v).
Proof.
case=> h0 h1; rewrite /local_error /= /output_error /= !conform_mx_id h1 nsq_scalar mul_mx_scalar.
by rewrite -scalerN opprB.
Qed.

Lemma hidden_stepP gamma a h : hidden_is a h ->
  hidden_is (hidden_step gamma a) (inference_step one_hidden_backward W c ratio gamma h).
Proof.
move=> ha; case: (ha) => h0 h1; split=> //; rewrite /inference_step (hidden_error1 ha) /= /err h0 h1 /=.
rewrite !nsq_scalar -scalemxAr [v^T *m _]mx11_scalar -trace_mx11 mxtrace_mulC -/(dot _ v) dotC.
by rewrite !scale_scalar_mx -scalar_mxM -!raddfB /= scale_scalar_mx -raddfD.
Qed.

Lemma hidden_start : hidden_is (w * x) (forward W).
Proof. by split=> //; rewrite /= -scalar_mxM. Qed.

Lemma hidden_iter gamma t : hidden_is (iter t (hidden_step gamma) (w * x))
  (iter t (inference_step one_hidden_backward W c ratio gamma) (forward W)).
Proof. by elim: t => [|t IH]; [apply: hidden_start | apply: hidden_stepP]. Qed.

End Inference.

(** The two updates at a hidden activity [a]. *)
Lemma one_hidden_il alpha w v a h : hidden_is a h ->
  wsame (il_update one_hidden_backward (two_weights w v) alpha h)
    (two_weights (alpha * (x * (a - w * x))) ((alpha * a) *: (y - a *: v))).
Proof.
move=> ha; case: (ha) => h0 h1 [|[|n]] // _; rewrite /il_update.
- rewrite (hidden_error0 _ _ _ ha) h0 /= tr_scalar_mx -scalar_mxM.
  by apply/matrixP => i j; rewrite !mxE; case: (_ == _); rewrite ?mulr1n ?mulr0n; ring.
- rewrite (hidden_error1 _ _ _ ha) h1 /= tr_scalar_mx mul_mx_scalar /clamped_output.
  by apply/matrixP => i j; rewrite !mxE; ring.
Qed.

Lemma one_hidden_il_prox alpha eps w v a h : hidden_is a h ->
  wsame (il_prox_update one_hidden_backward (two_weights w v) alpha eps h)
    (two_weights ((x ^+ 2 + eps)^-1 * (x * (a - w * x)))
      (((a ^+ 2 + eps)^-1 * (a * mixed_output alpha (a ^+ 2))) *: (y - a *: v))).
Proof.
move=> ha; case: (ha) => h0 h1 [|[|n]] // _; rewrite /il_prox_update.
- rewrite (hidden_error0 _ _ _ ha) h0 /= nsq_scalar tr_scalar_mx -scalar_mxM.
  by apply/matrixP => i j; rewrite !mxE; move: (_^-1) => p; case: (_ == _); rewrite ?mulr1n ?mulr0n; ring.
- rewrite (hidden_error1 _ _ _ ha) h1 /= nsq_scalar tr_scalar_mx mul_mx_scalar.
  by apply/matrixP => i j; rewrite !mxE; move: (_^-1) (mixed_output _ _) => p q; ring.
Qed.

(** Distance, objective and activities after an update that is [(w, v)]. *)
Section After.
Variables (w0 w : R) (v0 v : 'cV[R]_m) (D : weights one_hidden).
Hypothesis Dwv : wsame D (two_weights w v).

Lemma one_hidden_distance w1 v1 :
  wsq (wsub D (wsub (two_weights w1 v1) (two_weights w0 v0))) = (w - (w1 - w0)) ^+ 2 + nsq (v - (v1 - v0)).
Proof.
rewrite -two_weights_wsq; apply: wsq_same => n ln; rewrite -(two_weightsB _ _ _ _ ln) /wsub Dwv //.
by rewrite -(two_weightsB w1 v1 w0 v0 ln).
Qed.

Lemma one_hidden_moved : wsame (wadd (two_weights w0 v0) D) (two_weights (w0 + w) (v0 + v)).
Proof. by move=> n ln; rewrite -(two_weightsD _ _ _ _ ln) /wadd Dwv. Qed.

Lemma one_hidden_objective alpha : prox alpha (two_weights w0 v0) (wadd (two_weights w0 v0) D) =
  2^-1 * nsq (((w0 + w) * x) *: (v0 + v) - y) + (2 * alpha)^-1 * (w ^+ 2 + nsq v).
Proof. by rewrite (prox_same _ _ one_hidden_moved) one_hidden_prox ![_ + _ - _]addrC !addKr. Qed.

Lemma one_hidden_after : forward (wadd (two_weights w0 v0) D) 1%N = ((w0 + w) * x)%:M /\
  forward (wadd (two_weights w0 v0) D) 2%N = ((w0 + w) * x) *: (v0 + v).
Proof. by rewrite !(forward_same one_hidden_moved) // one_hidden_output /= -scalar_mxM. Qed.

End After.

(** Where nothing leaves the hidden unit ([W_1 = 0]) no error is fed back, and inference does not move it. *)
Lemma silent_hidden c ratio gamma w t : iter t (hidden_step c ratio w 0 gamma) (w * x) = w * x.
Proof. by elim: t => //= t ->; rewrite /hidden_step dot0l !mulr0 subrr !(subr0, mulr0, addr0). Qed.

End OneHidden.
