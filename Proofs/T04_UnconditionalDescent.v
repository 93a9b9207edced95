(** * T4: an implicit step never increases its mini-batch loss *)

From Proofs Require Import Preamble Matrices Network.

(** For every learning rate and every point that is no worse than not moving, minimiser or not. *)
Theorem T04_unconditional_descent (R : realFieldType) (B : nat) (net : network R B) (alpha : R)
    (Wb W : weights net) :
  0 < alpha -> prox alpha Wb W <= prox alpha Wb Wb ->
  lossW W <= lossW Wb /\ wsq (wsub W Wb) <= 2 * alpha * (lossW Wb - lossW W).
Proof.
move=> a0; rewrite prox_base /prox => le.
have a2 : 0 < 2 * alpha by rewrite mulr_gt0 ?ltr0n.
have D : wsq (wsub W Wb) <= 2 * alpha * (lossW Wb - lossW W).
  by rewrite -ler_pdivr_mull // ler_subr_addl.
split=> //; rewrite -subr_ge0 -(pmulr_rge0 _ a2).
exact: le_trans (wsq_ge0 _) D.
Qed.

(** The hypothesis holds for every minimiser, and for not moving at all. *)
Theorem T04_minimiser (R : realFieldType) (B : nat) (net : network R B) (alpha : R)
    (Wb W : weights net) :
  minimises (@anything _) (prox alpha Wb) W -> prox alpha Wb W <= prox alpha Wb Wb.
Proof. by move=> [_ Wmin]; apply: Wmin. Qed.
