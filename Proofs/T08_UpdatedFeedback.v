(** * T8: inference with the updated weights is exact *)

From Proofs Require Import Preamble Matrices Network Calculus Backpropagation.

Section Inference.
Variables (R : realFieldType) (B : nat) (net : network R B) (bw : backward net).
Variables (alpha : R) (Wb : weights net).
Implicit Types (W : weights net) (h : activities net).

(** [E_(n+1) K_n^-1]; for a single example [e_(n+1) / s_n]. *)
Definition scaled_err h n : 'M[R]_(units net n.+1, B) := err Wb h n *m invmx (gram h n).

(** What layer [n] receives from above when errors are fed back through the weights [Wf]: the
    gradient of the loss at the output, and [- act'(h_n)^* (Wf_n^T E_(n+1) K_n^-1) / alpha] below. *)
Definition from_above (Wf : weights net) h n : 'M[R]_(units net n, B) :=
  if n == depth net then conform_mx 0 (gloss bw (h (depth net)))
  else - (alpha^-1 *: bact bw (h n) ((Wf n)^T *m scaled_err h n)).

(** The inference field of layer [n+1], which is [-dh/dt] up to scale. *)
Definition inference_field (Wf : weights net) h n : 'M[R]_(units net n.+1, B) :=
  alpha^-1 *: scaled_err h n + from_above Wf h n.+1.

(** IL-prox feeds back through [Wb], IL-exact through the weights of the coming update. *)
Definition il_prox_equilibrium h : Prop :=
  forall n, (n < depth net)%N -> inference_field Wb h n = 0.
Definition il_exact_equilibrium h : Prop :=
  forall n, (n < depth net)%N -> inference_field (updated Wb h) h n = 0.

(* The output layer and the hidden layers of the field. *)
Lemma from_above_last Wf h : from_above Wf h (depth net) = gloss bw (h (depth net)).
Proof. by rewrite /from_above eqxx conform_mx_id. Qed.

(* At the output, errors from above and backpropagated errors are the same. *)
Lemma from_above_top Wf W' h n : n = depth net -> from_above Wf h n = delta bw W' h n.
Proof.
move=> en; rewrite /from_above /delta.
have -> : n == depth net by apply/eqP.
by have -> : (depth net - n = 0)%N by rewrite en subnn.
Qed.

Lemma from_above_hidden Wf h n : (n < depth net)%N ->
  from_above Wf h n = - (alpha^-1 *: bact bw (h n) ((Wf n)^T *m scaled_err h n)).
Proof. by move=> ln; rewrite /from_above ltn_eqF. Qed.

Lemma updated_scaled h n : gram h n \in unitmx ->
  updated Wb h n = Wb n + scaled_err h n *m (act (h n))^T.
Proof. by move=> u; rewrite /updated pinv_full // mulmxA. Qed.

Lemma gram_sym h n : (gram h n)^T = gram h n.
Proof. by rewrite /gram trmx_mul trmxK. Qed.

Lemma scaled_errK h n : gram h n \in unitmx -> scaled_err h n *m gram h n = err Wb h n.
Proof. by move=> u; rewrite /scaled_err mulmxKV. Qed.

(** *** The energy's gradient *)

Variables (ht : R -> activities net) (V : activities net).
Let h := ht 0.
Hypothesis curve : forall n, (n <= depth net)%N -> deriv (fun t => ht t n) (V n).
Hypothesis clamped : V 0%N = 0.
Hypothesis smooth : smooth_at bw h.
Hypothesis grams : forall n, (n < depth net)%N -> gram h n \in unitmx.

(* The derivative of one layer's term; the matrix inverse contributes the update's own feedback. *)
Lemma term_deriv n : (n < depth net)%N ->
  sderiv (fun t => nsq (err Wb (ht t) n *m pinv (act (ht t n))))
    (2 * (dot (scaled_err h n) (V n.+1)
          - dot (bact bw (h n) ((updated Wb h n)^T *m scaled_err h n)) (V n))).
Proof.
move=> ln; set dA := dact bw (h n) (V n).
have dact_ : deriv (fun t => act (ht t n)) dA.
  apply: (deriv_comp (F := @act _ _ net n)) (curve (ltnW ln)); first exact: dact_linear.
  exact: smooth.1.
have dE : deriv (fun t => err Wb (ht t) n) (V n.+1 - Wb n *m dA).
  apply: derivD (curve ln) _; apply: derivN.
  by have := derivM (deriv_const (Wb n)) dact_; rewrite mul0mx add0r.
have dK : deriv (fun t => gram (ht t) n) (dA^T *m act (h n) + (act (h n))^T *m dA).
  exact: derivM (deriv_tr dact_) dact_.
have u := grams ln.
have nearu := near_unit dK u.
apply: (@sderiv_ext _ (fun t => dot (err Wb (ht t) n *m invmx (gram (ht t) n)) (err Wb (ht t) n))).
  by apply: near_imp nearu => t _ [ut _]; rewrite nsq_pinv_full.
have := sderiv_dot (derivM dE (deriv_inv dK u)) dE; set val := (X in sderiv _ X).
suff -> : val = 2 * (dot (scaled_err h n) (V n.+1)
  - dot (bact bw (h n) ((updated Wb h n)^T *m scaled_err h n)) (V n)) by [].
rewrite /val -/h; set G := scaled_err h n; set A := act (h n); set K := gram h n.
set E' := V n.+1 - Wb n *m dA.
have GE p (M : 'M_(p, B)) (N : 'M_(p, B)) : dot (M *m invmx K) N = dot M (N *m invmx K).
  by rewrite dot_mulr trmx_inv gram_sym.
have -> : err Wb h n *m invmx K = G by [].
have -> : err Wb h n *m - (invmx K *m (dA^T *m A + A^T *m dA) *m invmx K)
  = - (G *m (dA^T *m A + A^T *m dA) *m invmx K) by rewrite mulmxN !mulmxA.
rewrite dotDl dotNl (GE _ E') (GE _ (G *m _)) -[err Wb h n *m invmx K]/G (mulmxDr G) (dotDl (G *m _)).
have e1 : dot (G *m (dA^T *m A)) G = dot dA (A *m (G^T *m G)).
  by rewrite mulmxA dot_mulr dot_mull -[RHS]dot_tr !trmx_mul !trmxK -mulmxA.
have e2 : dot (G *m (A^T *m dA)) G = dot dA (A *m (G^T *m G)).
  by rewrite dot_mull dot_mull trmxK.
rewrite e1 e2 (dotC (bact _ _ _)) -bact_adjoint -/dA updated_scaled // -/G -/A.
have f1 : dot E' G = dot G (V n.+1) - dot dA ((Wb n)^T *m G).
  by rewrite /E' dotBl (dotC (V _)) dot_mull.
have f2 : dot dA ((Wb n + G *m A^T)^T *m G) = dot dA ((Wb n)^T *m G) + dot dA (A *m (G^T *m G)).
  by rewrite linearD /= (trmx_mul G) trmxK mulmxDl dotDr -mulmxA.
rewrite f2 (dotC G E') f1; ring.
Qed.

(** The gradient of the energy over activities is the field of IL-exact. *)
Lemma energy_deriv : sderiv (fun t => energy alpha Wb (ht t))
  (\sum_(n < depth net) dot (inference_field (updated Wb h) h n) (V n.+1)).
Proof.
pose q n := dot (from_above (updated Wb h) h n) (V n).
have s1 : \sum_(n < (depth net).+1) q n = \sum_(n < depth net) q n.+1.
  by rewrite big_ord_recl /q clamped dot0r add0r.
have -> : \sum_(n < depth net) dot (inference_field (updated Wb h) h n) (V n.+1) =
  dot (gloss bw (h (depth net))) (V (depth net)) + (2 * alpha)^-1 * \sum_(n < depth net)
    2 * (dot (scaled_err h n) (V n.+1)
         - dot (bact bw (h n) ((updated Wb h n)^T *m scaled_err h n)) (V n)).
  under eq_bigr do rewrite dotDl dotZl.
  rewrite big_split /= -s1 big_ord_recr /= /q from_above_last addrA addrC; congr (_ + _).
  rewrite mulr_sumr -big_split; apply: eq_bigr => n _ /=.
  rewrite from_above_hidden // dotNl dotZl.
  have e : (2 * alpha)^-1 * 2 = alpha^-1 by rewrite invfM mulrAC mulVf ?mul1r // pnatr_eq0.
  by rewrite [RHS]mulrA e; ring.
apply: sderivD.
  exact: sderiv_comp smooth.2 (curve (leqnn _)).
apply: sderivZ; apply: sderiv_sum => n; exact: term_deriv.
Qed.

End Inference.

(** ** Stationary activities and the implicit equation *)

Section Equivalence.
Variables (R : realFieldType) (B : nat) (net : network R B) (bw : backward net).
Variables (alpha : R) (Wb : weights net).
Hypothesis alpha0 : alpha != 0.

(* At an equilibrium of IL-exact the scaled errors are the backpropagated ones. *)
Lemma exact_delta h : il_exact_equilibrium bw alpha Wb h ->
  forall n, (n < depth net)%N ->
    scaled_err Wb h n = - (alpha *: delta bw (updated Wb h) h n.+1).
Proof.
move=> eq n; elim: {n}(depth net - n)%N {-2}n (erefl (depth net - n)%N) => [|j IH] n e ln.
  by rewrite -subn_gt0 e in ln.
have := eq n ln; rewrite /inference_field => /eqP; rewrite addr_eq0 => /eqP f0.
have g : scaled_err Wb h n = - (alpha *: from_above bw alpha Wb (updated Wb h) h n.+1).
  by rewrite -scalerN -f0 scalerA divff // scale1r.
rewrite g; congr (- (_ *: _)).
case: (ltngtP n.+1 (depth net)) => [lt|gt|en].
- rewrite from_above_hidden // (delta_step bw _ h lt) (IH n.+1) ?subnS ?e //.
  by rewrite mulmxN -scalemxAr bactN bactZ scalerN opprK scalerA mulVf // scale1r.
- by rewrite ltnNge ln in gt.
- exact: from_above_top en.
Qed.

Lemma equilibrium_implicit h : h 0%N = input net ->
  (forall n, (n < depth net)%N -> gram h n \in unitmx) ->
  il_exact_equilibrium bw alpha Wb h -> implicit_equation bw alpha Wb (updated Wb h).
Proof.
move=> h0 uK eq n ln; have adm := gram_admissible Wb h0 uK.
rewrite updated_scaled ?uK // (exact_delta eq) // mulNmx -scalemxAl; congr (_ - _ *: _).
have fh := forward_updated adm.
rewrite /gradW (fh n (ltnW ln)); congr (_ *m _).
by apply: back_same => // k lk; rewrite fh.
Qed.

Lemma implicit_equilibrium W : (forall n, (n < depth net)%N -> gram (forward W) n \in unitmx) ->
  implicit_equation bw alpha Wb W ->
  wsame W (updated Wb (forward W)) /\ il_exact_equilibrium bw alpha Wb (forward W).
Proof.
move=> uK im; set h := forward W.
have G n : (n < depth net)%N -> scaled_err Wb h n = - (alpha *: delta bw W h n.+1).
  move=> ln; rewrite /scaled_err -err_forward {1}(im n ln) addrC addKr /gradW -/h.
  by rewrite mulNmx -scalemxAl -mulmxA mulNmx -scalemxAl mulmxK ?uK.
have same : wsame W (updated Wb h).
  by move=> n ln; rewrite updated_scaled ?uK // G // mulNmx -scalemxAl {1}(im n ln).
split=> // n ln; rewrite /inference_field G // scalerN scalerA mulVf // scale1r.
have -> : from_above bw alpha Wb (updated Wb h) h n.+1 = delta bw W h n.+1; last by rewrite addNr.
case: (ltngtP n.+1 (depth net)) => [lt|gt|en].
- rewrite from_above_hidden // G // -(same _ lt) (delta_step bw W h lt).
  by rewrite mulmxN -scalemxAr bactN bactZ scalerN opprK scalerA mulVf // scale1r.
- by rewrite ltnNge ln in gt.
- exact: from_above_top en.
Qed.

End Equivalence.

(** ** The theorem *)

(** The terms of the field, for one example: [e_(n+1) / s_n], and the feedback through the updated
    weights is the one through [Wb] plus the local term [bar a_n ||e_(n+1)||^2 / s_n^2]. *)
Theorem T08_field_single (R : realFieldType) (net : network R 1) (Wb : weights net)
    (h : activities net) (n : nat) :
  let s := nsq (act (h n)) in let e := err Wb h n in
  s != 0 ->
  scaled_err Wb h n = s^-1 *: e /\
  (updated Wb h n)^T *m scaled_err Wb h n
    = s^-1 *: ((Wb n)^T *m e) + (nsq e / s ^+ 2) *: act (h n).
Proof.
move=> s e s0; have G : scaled_err Wb h n = s^-1 *: e.
  by rewrite /scaled_err /gram gram_col invmx_scalar mul_mx_scalar.
split=> //; set a := act (h n).
have U : updated Wb h n = Wb n + s^-1 *: (e *m a^T) by rewrite /updated pinv_col -scalemxAr.
rewrite G U.
have -> : (Wb n + s^-1 *: (e *m a^T))^T = (Wb n)^T + s^-1 *: (a *m e^T).
  by rewrite linearD linearZ /= trmx_mul trmxK.
rewrite mulmxDl -!scalemxAl -!scalemxAr -mulmxA gram_col mul_mx_scalar !scalerA.
by congr (_ + _ *: _); field.
Qed.

(** Stationary activities of the energy are the equilibria of IL-exact.  Here [ht] is any
    differentiable curve of activities through [ht 0] whose input stays clamped. *)
Theorem T08_gradient (R : realFieldType) (B : nat) (net : network R B) (bw : backward net)
    (alpha : R) (Wb : weights net) (ht : R -> activities net) (V : activities net) :
  (forall n, (n <= depth net)%N -> deriv (fun t => ht t n) (V n)) -> V 0%N = 0 ->
  smooth_at bw (ht 0) ->
  (forall n, (n < depth net)%N -> gram (ht 0) n \in unitmx) ->
  sderiv (fun t => energy alpha Wb (ht t))
    (\sum_(n < depth net) dot (inference_field bw alpha Wb (updated Wb (ht 0)) (ht 0) n) (V n.+1)).
Proof. by move=> *; apply: energy_deriv. Qed.

Theorem T08_updated_feedback (R : realFieldType) (B : nat) (net : network R B) (bw : backward net)
    (alpha : R) (Wb : weights net) : alpha != 0 ->
  (* equilibria of IL-exact give solutions of the implicit equation *)
  (forall h : activities net, h 0%N = input net ->
     (forall n, (n < depth net)%N -> gram h n \in unitmx) ->
     il_exact_equilibrium bw alpha Wb h -> implicit_equation bw alpha Wb (updated Wb h)) /\
  (* and every solution arises so *)
  (forall W : weights net, (forall n, (n < depth net)%N -> gram (forward W) n \in unitmx) ->
     implicit_equation bw alpha Wb W ->
     wsame W (updated Wb (forward W)) /\ il_exact_equilibrium bw alpha Wb (forward W)).
Proof.
by move=> a0; split=> [h|W]; [apply: equilibrium_implicit | apply: implicit_equilibrium].
Qed.

(** In terms of derivatives: at an equilibrium of IL-exact the proximal objective is stationary at
    the updated weights. *)
Theorem T08_stationary (R : realFieldType) (B : nat) (net : network R B) (bw : backward net)
    (alpha : R) (Wb : weights net) (h : activities net) :
  alpha != 0 -> h 0%N = input net ->
  (forall n, (n < depth net)%N -> gram h n \in unitmx) -> smooth_at bw h ->
  il_exact_equilibrium bw alpha Wb h -> stationary (prox alpha Wb) (updated Wb h).
Proof.
move=> a0 h0 uK sm eq; have fh := forward_updated (gram_admissible Wb h0 uK).
apply/(stationary_implicit (bw := bw) Wb a0); last exact: equilibrium_implicit.
by apply: smooth_same sm => n ln; rewrite fh.
Qed.

(** The equilibria of IL-exact are exactly the stationary points of the energy among the activities with the
    input clamped ... *)
Theorem T08_energy_stationary (R : realFieldType) (B : nat) (net : network R B) (bw : backward net)
    (alpha : R) (Wb : weights net) (h : activities net) :
  smooth_at bw h -> (forall n, (n < depth net)%N -> gram h n \in unitmx) ->
  (forall V : activities net, V 0%N = 0 ->
     sderiv (fun t => energy alpha Wb (fun n => h n + t *: V n)) 0) <->
  il_exact_equilibrium bw alpha Wb h.
Proof.
move=> sm uK; pose field n := inference_field bw alpha Wb (updated Wb h) h n.
have d (V : activities net) : V 0%N = 0 -> sderiv (fun t => energy alpha Wb (fun n => h n + t *: V n))
    (\sum_(n < depth net) dot (field n) (V n.+1)).
  move=> V0; pose ht t : activities net := fun n => h n + t *: V n.
  have e n : ht 0 n = h n by rewrite /ht scale0r addr0.
  have := T08_gradient (bw := bw) (ht := ht) (V := V) alpha Wb (fun n _ => deriv_line _ _) V0.
  have -> : \sum_(n < depth net) dot (field n) (V n.+1) = \sum_(n < depth net)
      dot (inference_field bw alpha Wb (updated Wb (ht 0)) (ht 0) n) (V n.+1).
    apply: eq_bigr => n _.
    by rewrite /field /inference_field /from_above /scaled_err /updated /err /gram !e.
  apply; first by apply: smooth_same sm => n _; rewrite e.
  by move=> n ln; rewrite /gram e uK.
split=> [st|eq V V0]; last first.
  by have := d V V0; rewrite big1 // => n _; rewrite /field eq // dot0l.
pose V : activities net := fun n => match n with 0 => 0 | k.+1 => field k end.
have := sderiv_unique (d V erefl) (st V erefl) => /eqP.
rewrite psumr_eq0 => [/allP z n ln|n _]; last exact: nsq_ge0.
by have := z (Ordinal ln) (mem_index_enum _); rewrite /= -/(nsq _) nsq_eq0 => /eqP.
Qed.

(** ... and correspond to the stationary points of the proximal objective. *)
Theorem T08_stationary_points (R : realFieldType) (B : nat) (net : network R B) (bw : backward net)
    (alpha : R) (Wb W : weights net) :
  alpha != 0 -> smooth_at bw (forward W) ->
  (forall n, (n < depth net)%N -> gram (forward W) n \in unitmx) ->
  stationary (prox alpha Wb) W <->
  wsame W (updated Wb (forward W)) /\ il_exact_equilibrium bw alpha Wb (forward W).
Proof.
move=> a0 sm uK; rewrite (stationary_implicit Wb a0 sm); split.
  exact: (T08_updated_feedback bw Wb a0).2.
move=> [same eq] n ln; rewrite (gradW_same bw same) // same //.
exact: (T08_updated_feedback bw Wb a0).1.
Qed.
