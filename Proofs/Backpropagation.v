(** * Backpropagation is the derivative of the loss

    The gradient is *defined* by the backward recursion and *proved* to be the derivative of
    [lossW] along every differentiable curve of weights. *)

From Proofs Require Import Preamble Matrices Network Calculus.

(** What backpropagation needs to know of a network: for each layer the derivative [dact] of
    [act] and its adjoint [bact] (for an activation that acts entry by entry, multiplication by
    its derivative), and the gradient of the loss with respect to the outputs. *)
Record backward (R : realFieldType) (B : nat) (net : network R B) := Backward {
  dact : forall n, 'M[R]_(units net n, B) -> 'M[R]_(units net n, B) -> 'M[R]_(rates net n, B);
  bact : forall n, 'M[R]_(units net n, B) -> 'M[R]_(rates net n, B) -> 'M[R]_(units net n, B);
  gloss : 'M[R]_(units net (depth net), B) -> 'M[R]_(units net (depth net), B);
  dact_linear : forall n X, linear (@dact n X);
  bact_adjoint : forall n X V U, dot (@dact n X V) U = dot V (@bact n X U)
}.

Section Backpropagation.
Variables (R : realFieldType) (B : nat) (net : network R B) (bw : backward net).
Implicit Types (W V Wb : weights net) (h k : activities net).

(** They are the derivatives at the activities [h]. *)
Definition smooth_at h : Prop :=
  (forall n, (n < depth net)%N -> differential (@act _ _ net n) (h n) (@dact _ _ _ bw n (h n))) /\
  gradient (@loss _ _ net) (h (depth net)) (gloss bw (h (depth net))).

(** The backward pass with weights [W] at activities [h]: [delta_N] is the gradient of the loss,
    [delta_n = act'(h_n)^* (W_n^T delta_(n+1))].  [back k n] does [k] steps, starting from layer [n + k];
    [conform_mx] only identifies [units (depth)] with [units n] for [n = depth]. *)
Fixpoint back W h (k n : nat) : 'M[R]_(units net n, B) :=
  match k with
  | 0 => conform_mx 0 (gloss bw (h (depth net)))
  | j.+1 => bact bw (h n) ((W n)^T *m back W h j n.+1)
  end.
Definition delta W h n : 'M[R]_(units net n, B) := back W h (depth net - n) n.

(* The recursion as the pages write it. *)
Lemma delta_last W h : delta W h (depth net) = gloss bw (h (depth net)).
Proof. by rewrite /delta subnn /= conform_mx_id. Qed.

Lemma delta_step W h n : (n < depth net)%N ->
  delta W h n = bact bw (h n) ((W n)^T *m delta W h n.+1).
Proof. by move=> ln; rewrite /delta -(subnSK ln). Qed.

(** The gradient of the loss with respect to [W_n]: [delta_(n+1) (bar a_n)^T]. *)
Definition gradW W : weights net := fun n => delta W (forward W) n.+1 *m (act (forward W n))^T.

Lemma back_same W V h k : (forall n, (n < depth net)%N -> W n = V n) ->
  (forall n, (n <= depth net)%N -> h n = k n) ->
  forall n, (n <= depth net)%N -> delta W h n = delta V k n.
Proof.
move=> WV hk n; elim: {n}(depth net - n)%N {-2}n (erefl (depth net - n)%N) => [|j IH] n.
  move=> /eqP; rewrite subn_eq0 => le ge; have -> : n = depth net by apply/eqP; rewrite eqn_leq le ge.
  by rewrite !delta_last hk.
move=> e le; have lt : (n < depth net)%N by rewrite -subn_gt0 e.
by rewrite (delta_step W h lt) (delta_step V k lt) WV ?hk ?(ltnW lt) ?IH ?subnS ?e.
Qed.

Lemma bactB n X U U' : bact bw (n := n) X (U - U') = bact bw X U - bact bw X U'.
Proof.
apply/eqP; rewrite -subr_eq0 -nsq_eq0; apply/eqP; rewrite /nsq.
set Z := _ - _; rewrite {2}/Z !dotBr -!bact_adjoint dotBr.
by rewrite subrr.
Qed.

Lemma bactZ n X c U : bact bw (n := n) X (c *: U) = c *: bact bw X U.
Proof.
apply/eqP; rewrite -subr_eq0 -nsq_eq0; apply/eqP; rewrite /nsq.
set Z := _ - _; rewrite {2}/Z dotBr dotZr -!bact_adjoint dotZr.
by rewrite subrr.
Qed.

Lemma bactD n X U U' : bact bw (n := n) X (U + U') = bact bw X U + bact bw X U'.
Proof. by have := bactB X U (- U'); rewrite opprK => ->; rewrite -(scaleN1r U') bactZ scaleN1r opprK. Qed.

Lemma bactN n X U : bact bw (n := n) X (- U) = - bact bw X U.
Proof. by rewrite -scaleN1r bactZ scaleN1r. Qed.

Lemma bact_linear n X : linear (@bact _ _ _ bw n X).
Proof. by move=> c U V; rewrite bactD bactZ. Qed.

(** ** Curves of weights *)

Variables (Wt : R -> weights net) (V : weights net).
Hypothesis curve : forall n, (n < depth net)%N -> deriv (fun t => Wt t n) (V n).
Let h0 := forward (Wt 0).
Hypothesis smooth : smooth_at h0.

(* Tangent of the feedforward pass. *)
Fixpoint tangent n : 'M[R]_(units net n, B) :=
  match n with
  | 0 => 0
  | j.+1 => V j *m act (h0 j) + Wt 0 j *m dact bw (h0 j) (tangent j)
  end.

Lemma forward_deriv n : (n <= depth net)%N -> deriv (fun t => forward (Wt t) n) (tangent n).
Proof.
elim: n => [_|n IH ln] /=; first exact: deriv_const.
apply: derivM (curve ln) _.
apply: (deriv_comp (F := @act _ _ net n) _ _ (IH (ltnW ln))); first exact: dact_linear.
by apply: smooth.1.
Qed.

(* What reaches layer [m] from below is accounted for by the gradients of the layers below. *)
Lemma tangent_delta m : (m <= depth net)%N ->
  dot (delta (Wt 0) h0 m) (tangent m) = \sum_(n < m) dot (gradW (Wt 0) n) (V n).
Proof.
elim: m => [_|m IH lm] /=; first by rewrite big_ord0 dot0r.
rewrite big_ord_recr /= -IH ?(ltnW lm) // dotDr addrC; congr (_ + _).
  by rewrite (delta_step (Wt 0) h0 lm) dotC dot_mull bact_adjoint dotC.
by rewrite /gradW dot_mulr trmxK.
Qed.

Theorem backpropagation : sderiv (fun t => lossW (Wt t)) (wdot (gradW (Wt 0)) V).
Proof.
rewrite /lossW /wdot -(tangent_delta (leqnn _)) delta_last.
exact: sderiv_comp smooth.2 (forward_deriv (leqnn _)).
Qed.

End Backpropagation.

(** ** The proximal objective and its stationary points *)

Section Stationary.
Variables (R : realFieldType) (B : nat) (net : network R B) (bw : backward net).
Implicit Types (W V Wb : weights net).

(** The implicit equation [theta = theta_b - alpha grad L(theta)], layer by layer. *)
Definition implicit_equation alpha Wb W : Prop :=
  forall n, (n < depth net)%N -> W n = Wb n - alpha *: gradW bw W n.

(** [W] is a stationary point of [f]: [f] has derivative 0 along every straight line. *)
Definition stationary (f : weights net -> R) W : Prop :=
  forall V, sderiv (fun t => f (wadd W (wscale t V))) 0.

Lemma line_base W V : wsame (wadd W (wscale 0 V)) W.
Proof. by move=> n _; rewrite /wadd /wscale scale0r addr0. Qed.

Lemma gradW_same W V : wsame W V -> wsame (gradW bw W) (gradW bw V).
Proof.
move=> WV n ln; rewrite /gradW (forward_same WV (ltnW ln)); congr (_ *m _).
by apply: back_same => // k lk; apply: forward_same.
Qed.

Lemma smooth_same h k : (forall n, (n <= depth net)%N -> h n = k n) ->
  smooth_at bw h -> smooth_at bw k.
Proof.
by move=> hk [s1 s2]; split=> [n ln|]; [rewrite -(hk n (ltnW ln)); apply: s1 | rewrite -(hk _ (leqnn _))].
Qed.

Lemma line_deriv W V n : deriv (fun t => wadd W (wscale t V) n) (V n).
Proof. exact: deriv_line. Qed.

(* The loss has the gradient [gradW] along lines. *)
Lemma loss_line W V : smooth_at bw (forward W) ->
  sderiv (fun t => lossW (wadd W (wscale t V))) (wdot (gradW bw W) V).
Proof.
move=> sm; have e := line_base W V.
have -> : wdot (gradW bw W) V = wdot (gradW bw (wadd W (wscale 0 V))) V.
  by apply: eq_bigr => n _; rewrite (gradW_same e).
apply: (backpropagation (Wt := fun t => wadd W (wscale t V))) => [n _|].
  exact: line_deriv.
by apply: smooth_same sm => n ln; rewrite (forward_same e).
Qed.

(* And the proximal objective the gradient [grad L + (theta - theta_b) / alpha]. *)
Lemma prox_line alpha Wb W V : alpha != 0 -> smooth_at bw (forward W) ->
  sderiv (fun t => prox alpha Wb (wadd W (wscale t V)))
         (wdot (wadd (gradW bw W) (wscale alpha^-1 (wsub W Wb))) V).
Proof.
move=> a0 sm.
have -> : wdot (wadd (gradW bw W) (wscale alpha^-1 (wsub W Wb))) V =
  wdot (gradW bw W) V + (2 * alpha)^-1 * \sum_(n < depth net) 2 * dot (W n + 0 *: V n - Wb n) (V n).
  rewrite mulr_sumr -big_split; apply: eq_bigr => n _ /=.
  rewrite /wadd /wscale /wsub dotDl dotZl scale0r addr0; congr (_ + _).
  by field.
apply: sderivD; first exact: loss_line.
apply: sderivZ; apply: sderiv_sum => n.
apply: (sderiv_nsq (f := fun t => W n + t *: V n - Wb n)).
rewrite -[V n]addr0; apply: derivD (deriv_const _).
by rewrite addr0; apply: deriv_line.
Qed.

(** Stationarity of the proximal objective is the implicit equation. *)
Theorem stationary_implicit alpha Wb W : alpha != 0 -> smooth_at bw (forward W) ->
  stationary (prox alpha Wb) W <-> implicit_equation alpha Wb W.
Proof.
move=> a0 sm; set G := wadd (gradW bw W) (wscale alpha^-1 (wsub W Wb)).
have eqG n : (G n = 0) <-> (W n = Wb n - alpha *: gradW bw W n).
  rewrite /G /wadd /wscale /wsub; split=> [/eqP|->].
    rewrite addr_eq0 => /eqP ->; rewrite scalerN opprK scalerA divff // scale1r.
    by rewrite addrC subrK.
  by rewrite addrAC subrr add0r scalerN scalerA mulVf // scale1r subrr.
split=> [st n ln|im V].
  apply/eqG; move: n ln; apply/wsq_eq0P.
  exact: sderiv_unique (prox_line Wb G a0 sm) (st G).
have := prox_line Wb V a0 sm; have -> : wdot (wadd (gradW bw W) (wscale alpha^-1 (wsub W Wb))) V = 0.
  rewrite /wdot big1 // => n _; have : G n = 0 by apply/eqG/im.
  by rewrite /G => ->; rewrite dot0l.
by [].
Qed.

(** Every minimiser satisfies the implicit equation. *)
Theorem minimiser_implicit alpha Wb W : alpha != 0 -> smooth_at bw (forward W) ->
  minimises (@anything _) (prox alpha Wb) W -> implicit_equation alpha Wb W.
Proof.
move=> a0 sm [_ Wmin]; apply/(stationary_implicit Wb a0 sm) => V.
have d := prox_line Wb V a0 sm.
suff e : wdot (wadd (gradW bw W) (wscale alpha^-1 (wsub W Wb))) V = 0 by rewrite e in d.
apply: (sderiv_min d); apply: near_all => t _.
by rewrite (prox_same _ _ (line_base W V)); apply: Wmin.
Qed.

End Stationary.
