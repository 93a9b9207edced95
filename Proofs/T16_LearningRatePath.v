(** * T16: the path in the learning rate *)

From Proofs Require Import Preamble Matrices Network.

(** For global minimisers, a larger learning rate moves at least as far and reaches a loss at
    most as large.  (Two minimisers of one learning rate may differ in both.) *)
Theorem T16_learning_rate_path (R : realFieldType) (B : nat) (net : network R B) (alpha beta : R)
    (Wb V W : weights net) :
  0 < alpha -> alpha < beta ->
  minimises (@anything _) (prox alpha Wb) V ->
  minimises (@anything _) (prox beta Wb) W ->
  wsq (wsub V Wb) <= wsq (wsub W Wb) /\ lossW W <= lossW V.
Proof.
move=> a0 ab [_ Vmin] [_ Wmin].
have b0 : 0 < beta by apply: lt_trans ab.
have := Wmin V I; have := Vmin W I; rewrite /prox.
set p := wsq (wsub V Wb); set q := wsq (wsub W Wb).
set ia := (2 * alpha)^-1; set ib := (2 * beta)^-1 => hV hW.
have ib0 : 0 < ib by rewrite invr_gt0 mulr_gt0 ?ltr0n.
have lt2 : 0 < ia - ib.
  by rewrite subr_gt0 ltf_pinv ?posrE ?mulr_gt0 ?ltr0n // ltr_pmul2l ?ltr0n.
have pq : p <= q.
  rewrite -subr_ge0 -(pmulr_rge0 _ lt2).
  have -> : (ia - ib) * (q - p)
    = (lossW W + ia * q - (lossW V + ia * p)) + (lossW V + ib * p - (lossW W + ib * q)) by ring.
  by rewrite addr_ge0 // subr_ge0.
split=> //; rewrite -subr_ge0.
have -> : lossW V - lossW W = (lossW V + ib * p - (lossW W + ib * q)) + ib * (q - p) by ring.
by rewrite addr_ge0 ?subr_ge0 // mulr_ge0 ?subr_ge0 // ltW.
Qed.
