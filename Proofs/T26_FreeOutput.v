(** * T26: with a free output the feedforward pass is the only stationary point *)

From Proofs Require Import Preamble Matrices Network Calculus Backpropagation T13_EquilibriumEnergy.

Section FreeOutput.
Variables (R : realFieldType) (B : nat) (net : network R B) (bw : backward net).
Variables (prec : nat -> R) (W : weights net) (h : activities net).

(** The energy [1/2 sum_n prec_n ||e_(n+1)||^2] of T13 is stationary at [h] when nothing but the input is held: it has
    derivative 0 along every line that leaves the input. *)
Definition free_stationary : Prop :=
  forall V : activities net, V 0%N = 0 ->
    sderiv (fun t => clamped_energy prec W (fun n => h n + t *: V n)) 0.

(** How the errors move along a line: [B V] with [B] unit block-triangular. *)
Definition error_tangent (V : activities net) n : 'M[R]_(units net n.+1, B) :=
  V n.+1 - W n *m dact bw (h n) (V n).

(** [B] is onto: the line whose errors move by themselves. *)
Fixpoint error_line n : 'M[R]_(units net n, B) :=
  match n with
  | 0 => 0
  | k.+1 => err W h k + W k *m dact bw (h k) (error_line k)
  end.

Lemma error_line_tangent n : error_tangent error_line n = err W h n.
Proof. by rewrite /error_tangent /= addrK. Qed.

Hypothesis smooth : forall n, (n < depth net)%N ->
  differential (@act _ _ net n) (h n) (dact bw (h n)).

Lemma free_derivative V :
  sderiv (fun t => clamped_energy prec W (fun n => h n + t *: V n))
    (\sum_(n < depth net) prec n * dot (err W h n) (error_tangent V n)).
Proof.
have line n : deriv (fun t => h n + t *: V n) (V n) by apply: deriv_line.
have term (n : 'I_(depth net)) :
    sderiv (fun t => prec n * nsq (err W (fun m => h m + t *: V m) n))
           (2 * (prec n * dot (err W h n) (error_tangent V n))).
  have base m : h m + 0 *: V m = h m by rewrite scale0r addr0.
  have da : deriv (fun t => act (h n + t *: V n)) (dact bw (h n) (V n)).
    have := smooth (ltn_ord n); rewrite -{1}(base n) => sm.
    by apply: (deriv_comp (F := @act _ _ net n) _ sm (line n)); apply: dact_linear.
  have de : deriv (fun t => err W (fun m => h m + t *: V m) n) (error_tangent V n).
    apply: derivD (line n.+1) _; apply: derivN.
    have := derivM (deriv_const (W n)) da; by rewrite mul0mx add0r.
  have := sderivZ (prec n) (sderiv_nsq de); rewrite mulrCA.
  by have -> : err W (fun m => h m + 0 *: V m) n = err W h n by rewrite /err !base.
have := sderivZ 2^-1 (sderiv_sum term).
by rewrite -mulr_sumr mulrA mulVf ?pnatr_eq0 // mul1r.
Qed.

End FreeOutput.

(** The theorem.  Positive precisions, activations that are differentiable at [h]: [h] is stationary exactly when it is the
    feedforward pass.  No weights, depth or activation has another stationary point, so none that inference could be
    caught in as long as the output is free. *)
Theorem T26_free_output (R : realFieldType) (B : nat) (net : network R B) (bw : backward net)
    (prec : nat -> R) (W : weights net) (h : activities net) :
  (forall n, (n < depth net)%N -> 0 < prec n) ->
  (forall n, (n < depth net)%N -> differential (@act _ _ net n) (h n) (@dact _ _ _ bw n (h n))) ->
  h 0%N = input net ->
  (free_stationary prec W h <-> forall n, (n <= depth net)%N -> h n = forward W n).
Proof.
move=> p0 sm h0; split=> [st|hf V V0].
- have := sderiv_unique (free_derivative prec W sm (error_line bw W h)) (st _ erefl).
  under eq_bigr do rewrite error_line_tangent -/(nsq _).
  move=> /eqP; rewrite psumr_eq0 => [/allP all0|n _]; last by rewrite mulr_ge0 ?nsq_ge0 // ltW ?p0.
  have e0 n : (n < depth net)%N -> err W h n = 0.
    move=> ln; have := all0 (Ordinal ln) (mem_index_enum _).
    by rewrite /= mulf_eq0 gt_eqF ?p0 //= nsq_eq0 => /eqP.
  elim=> [_|n IH ln] //=; rewrite -IH ?(ltnW ln) //.
  by apply/eqP; rewrite -subr_eq0; apply/eqP/e0.
- have := free_derivative prec W sm V; rewrite big1 // => n _.
  by rewrite /err !hf ?(ltnW (ltn_ord n)) //= subrr dot0l mulr0.
Qed.
