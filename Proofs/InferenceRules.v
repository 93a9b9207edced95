(** * The learning rules on any network, for one example

    Backpropagation, standard inference learning and IL-prox as the claims speak of them: inference by Euler
    steps, simultaneous in all hidden layers, from the feedforward pass. *)

From Proofs Require Import Preamble Matrices Network Backpropagation.

Section Rules.
Variables (R : realFieldType) (net : network R 1) (bw : backward net) (W : weights net).
Implicit Types (h k : activities net).

(** Backpropagation: [- alpha grad L]. *)
Definition bp_update (alpha : R) : weights net := wscale (- alpha) (gradW bw W).

(** The error of the output layer is the share [c s] of the negative loss gradient at its prediction, [s] being the
    squared norm of the rates below: all of it where the output is clamped, [alpha s / (1 + alpha s)] for the mixture
    of prediction and target (for the squared error, the proximal point).  [conform_mx] only identifies [units (depth)]
    with [units n.+1] for the last layer. *)
Definition output_error (c : R -> R) h n : 'M[R]_(units net n.+1, 1) :=
  - (c (nsq (act (h n))) *: conform_mx 0 (gloss bw (conform_mx 0 (W n *m act (h n))))).
Definition local_error (c : R -> R) h n : 'M[R]_(units net n.+1, 1) :=
  if n.+1 == depth net then output_error c h n else err W h n.
Definition clamped_output (s : R) : R := 1.
Definition mixed_output (alpha s : R) : R := alpha * s / (1 + alpha * s).

(** One Euler step of size [gamma]: [h_n + gamma (act'(h_n)^* (r W_n^T e_(n+1)) - e_n)] with [r = 1] for unit precisions
    and [r = s_(n-1) / s_n] for those of IL-prox. *)
Definition unit_ratio (s s' : R) : R := 1.
Definition normalized_ratio (s s' : R) : R := s / s'.
Definition inference_step (c : R -> R) (ratio : R -> R -> R) (gamma : R) h : activities net :=
  fun n => match n return 'M[R]_(units net n, 1) with
  | 0 => h 0%N
  | k.+1 => h k.+1 + gamma *: (bact bw (h k.+1)
      (ratio (nsq (act (h k))) (nsq (act (h k.+1))) *: ((W k.+1)^T *m local_error c h k.+1)) - err W h k)
  end.

(** The activities after [t] steps from the feedforward pass. *)
Definition il_inferred (gamma : R) (t : nat) : activities net :=
  iter t (inference_step clamped_output unit_ratio gamma) (forward W).
Definition il_prox_inferred (alpha gamma : R) (t : nat) : activities net :=
  iter t (inference_step (mixed_output alpha) normalized_ratio gamma) (forward W).

(** The local updates at activities [h]: [alpha e a^T], and [e a^T / (s + eps)]. *)
Definition il_update (alpha : R) h : weights net :=
  fun n => alpha *: (local_error clamped_output h n *m (act (h n))^T).
Definition il_prox_update (alpha eps : R) h : weights net :=
  fun n => (nsq (act (h n)) + eps)^-1 *: (local_error (mixed_output alpha) h n *m (act (h n))^T).

(** The inferred activities with their output, [p_N + e_N]; and how far activities are apart over all layers. *)
Definition with_output (c : R -> R) h : activities net :=
  fun n => match n return 'M[R]_(units net n, 1) with
  | 0 => h 0%N
  | k.+1 => if k.+1 == depth net then W k *m act (h k) + local_error c h k else h k.+1
  end.
Definition activity_distance h k : R := \sum_(n < depth net) nsq (h n.+1 - k n.+1).

End Rules.
