(** * T7: the targets are reached *)

From Proofs Require Import Preamble Matrices Network T02_ActivityEnergy.

(** Mini-batch of one example: after the normalized update, the feedforward activities of every
    layer equal the inferred ones. *)
Theorem T07_targets_reached (R : realFieldType) (net : network R 1) (Wb : weights net)
    (h : activities net) :
  h 0%N = input net -> (forall n, (n < depth net)%N -> nsq (act (h n)) != 0) ->
  forall n, (n <= depth net)%N ->
    forward (fun k => Wb k + (nsq (act (h k)))^-1 *: (err Wb h k *m (act (h k))^T)) n = h n.
Proof.
move=> h0 s0 n ln.
have adm : admissible Wb h.
  by apply/single_admissibleE/T02_admissible_of_rates.
rewrite -(forward_updated adm ln); apply: forward_same ln => k _.
exact: single_updateE.
Qed.

(** Any mini-batch with nonsingular Gram matrices. *)
Theorem T07_batch (R : realFieldType) (B : nat) (net : network R B) (Wb : weights net)
    (h : activities net) :
  h 0%N = input net -> (forall n, (n < depth net)%N -> gram h n \in unitmx) ->
  forall n, (n <= depth net)%N ->
    forward (fun k => Wb k + err Wb h k *m invmx (gram h k) *m (act (h k))^T) n = h n.
Proof.
move=> h0 uK n ln; rewrite -(forward_updated (gram_admissible Wb h0 uK) ln).
by apply: forward_same ln => k lk; rewrite /updated pinv_full ?uK // mulmxA.
Qed.

(** Any rank, for admissible activities and the Moore-Penrose update. *)
Theorem T07_any_rank (R : realFieldType) (B : nat) (net : network R B) (Wb : weights net)
    (h : activities net) :
  admissible Wb h -> forall n, (n <= depth net)%N -> forward (updated Wb h) n = h n.
Proof. exact: forward_updated. Qed.
