(** * T9: the error of IL-prox *)

From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp.algebra_tactics Require Import ring.
From Proofs Require Import Matrices Network Calculus Backpropagation T08_UpdatedFeedback.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.


(** [delta] is backpropagated through the *updated* weights at the inferred activities, which
    T7 makes the feedforward activities of the updated weights; [prox_defect n] is [d_(n+1)]. *)
Definition prox_defect (R : realFieldType) (B : nat) (net : network R B) (bw : backward net)
    (alpha : R) (Wb : weights net) (h : activities net) n : 'M[R]_(units net n.+1, B) :=
  alpha^-1 *: scaled_err Wb h n + delta bw (updated Wb h) h n.+1.

Theorem T09_batch (R : realFieldType) (B : nat) (net : network R B) (bw : backward net)
    (alpha : R) (Wb : weights net) (h : activities net) :
  let d := prox_defect bw alpha Wb h in let del := delta bw (updated Wb h) h in
  alpha != 0 -> h 0%N = input net ->
  (forall n, (n < depth net)%N -> gram h n \in unitmx) ->
  il_prox_equilibrium bw alpha Wb h ->
  [/\ (* the output layer has no defect *)
      forall n, n.+1 = depth net -> d n = 0,
      (* the recursion *)
      forall n, (n.+1 < depth net)%N -> d n = bact bw (h n.+1)
        ((Wb n.+1)^T *m d n.+1 + act (h n.+1) *m ((scaled_err Wb h n.+1)^T *m del n.+2))
    & (* the implicit residual of each weight matrix *)
      forall n, (n < depth net)%N ->
        (updated Wb h n - Wb n) + alpha *: gradW bw (updated Wb h) n
        = alpha *: (d n *m (act (h n))^T)].
Proof.
move=> d del a0 h0 uK eq; split=> n.
- move=> en; have ln : (n < depth net)%N by rewrite -en.
  by have := eq n ln; rewrite /inference_field (from_above_top bw alpha Wb Wb (updated Wb h) h en).
- move=> lt; have ln : (n < depth net)%N by apply: ltnW.
  have := eq n ln; rewrite /inference_field from_above_hidden // => /eqP; rewrite subr_eq0 => /eqP f.
  rewrite /d /prox_defect f (delta_step bw _ h lt) -/del updated_scaled ?uK //.
  rewrite linearD /= trmx_mul trmxK mulmxDl -mulmxA -bactZ -bactD.
  by rewrite mulmxDr -scalemxAr addrA.
- move=> ln; have fh := forward_updated (gram_admissible Wb h0 uK).
  have -> : gradW bw (updated Wb h) n = del n.+1 *m (act (h n))^T.
    rewrite /gradW (fh n (ltnW ln)); congr (_ *m _).
    by apply: back_same => // k lk; rewrite fh.
  rewrite updated_scaled ?uK // (addrAC (Wb n)) subrr add0r /d /prox_defect mulmxDl scalerDr.
  by rewrite -scalemxAl scalerA divff // scale1r.
Qed.

(** One example, as on the page: [d_n = act'(h_n)^* (W_n^T d_(n+1) + bar a_n (e_(n+1)^T delta_(n+1)) / s_n)]. *)
Theorem T09_dropped_term (R : realFieldType) (net : network R 1) (bw : backward net)
    (alpha : R) (Wb : weights net) (h : activities net) :
  let s n := nsq (act (h n)) in
  let d n := alpha^-1 *: ((s n)^-1 *: err Wb h n) + delta bw (updated Wb h) h n.+1 in
  alpha != 0 -> h 0%N = input net -> (forall n, (n < depth net)%N -> s n != 0) ->
  il_prox_equilibrium bw alpha Wb h ->
  [/\ forall n, n.+1 = depth net -> d n = 0,
      forall n, (n.+1 < depth net)%N -> d n = bact bw (h n.+1)
        ((Wb n.+1)^T *m d n.+1
         + (dot (err Wb h n.+1) (delta bw (updated Wb h) h n.+2) / s n.+1) *: act (h n.+1))
    & forall n, (n < depth net)%N ->
        (updated Wb h n - Wb n) + alpha *: gradW bw (updated Wb h) n
        = alpha *: (d n *m (act (h n))^T)].
Proof.
move=> s d a0 h0 s0 eq.
have uK n : (n < depth net)%N -> gram h n \in unitmx.
  by move=> ln; rewrite /gram gram_col unitmxE det_scalar1 unitfE s0.
have dE n : (n < depth net)%N -> d n = prox_defect bw alpha Wb h n.
  by move=> ln; rewrite /d /prox_defect; have [-> _] := T08_field_single Wb (s0 n ln).
have [t1 t2 t3] := T09_batch a0 h0 uK eq; split=> n.
- by move=> en; rewrite dE ?t1 // -en.
- move=> lt; rewrite dE ?(ltnW lt) // t2 // dE //; congr (bact _ _ (_ + _)).
  have [-> _] := T08_field_single Wb (s0 _ lt).
  rewrite linearZ /= -scalemxAl -scalemxAr mulrC -scalerA; congr (_ *: _).
  rewrite [X in act _ *m X = _]mx11_scalar mul_mx_scalar; congr (_ *: _).
  by rewrite -trace_mx11 mxtrace_mulC -mxtrace_tr trmx_mul trmxK /dot.
- by move=> ln; rewrite dE // t3.
Qed.
