(** * The theorems that need completeness, over the real numbers

    The premises [complete R] and [excluded_middle] of T10 and T15 hold for Coq's reals.  This is the only
    file with assumptions: the axioms of the classical reals in Coq's standard library, the epsilon
    operator by which mathcomp-analysis makes them a type with choice, and the law of excluded middle. *)

From Coq Require Import Rdefinitions Raxioms Classical_Prop.
From Proofs Require Import Preamble.
From mathcomp.analysis Require Import Rstruct.
From Proofs Require Import Matrices Network Calculus Backpropagation Completeness Compactness
  T10_LargeLearningRate T15_Uniqueness.

Theorem reals_complete : complete R_realFieldType.
Proof.
move=> S S0 [b Sb].
have bounded : bound S by exists b => x /Sb h; apply/RleP.
have inhabited : exists x, S x by case: S0 => x Sx; exists x.
have [s [ub lub]] := completeness S bounded inhabited.
exists s; split=> [x Sx|c hc]; first by apply/RleP/ub.
by apply/RleP/lub => x Sx; apply/RleP/hc.
Qed.

(** Over the reals the proximal objective of a continuous loss that is not negative has a minimiser:
    every theorem that speaks of minimisers speaks of something. *)
Theorem minimiser_exists_real (B : nat) (net : network R_realFieldType B) (alpha : R_realFieldType) (Wb : weights net) :
  0 < alpha ->
  (forall W : weights net, 0 <= lossW W) -> (forall W : weights net, loss_continuous W) ->
  exists W, minimises (@anything _) (prox alpha Wb) W.
Proof. exact: (minimiser_exists reals_complete classic). Qed.

(** T10 without further premises. *)
Theorem T10_real (B : nat) (net : network R_realFieldType B) (Wb : weights net) :
  (forall V : weights net, 0 <= lossW V) -> (forall V : weights net, loss_continuous V) ->
  (exists Z : weights net, lossW Z = 0) ->
  [/\ forall alpha, 0 < alpha -> exists W, minimises (@anything _) (prox alpha Wb) W,
      forall alpha W Z, 0 < alpha -> minimises (@anything _) (prox alpha Wb) W -> lossW Z = 0 ->
        lossW W <= wsq (wsub Z Wb) / (2 * alpha) /\ wsq (wsub W Wb) <= wsq (wsub Z Wb)
    & forall eps, 0 < eps -> exists alpha0, forall alpha W, 0 < alpha -> alpha0 <= alpha ->
        minimises (@anything _) (prox alpha Wb) W ->
        exists2 Z, nearest_zero_loss Wb Z & wsq (wsub W Z) <= eps].
Proof. exact: (T10_large_learning_rate Wb reals_complete classic). Qed.

(** T15 without further premises. *)
Theorem T15_real (B : nat) (net : network R_realFieldType B) (bw : backward net)
    (alpha : R_realFieldType) (H : weights net -> weights net -> weights net) (Wb U V : weights net) :
  0 < alpha -> (forall W : weights net, 0 <= lossW W) ->
  (forall W : weights net, wsq (wsub W Wb) <= 2 * alpha * lossW Wb ->
     smooth_at bw (forward W) /\ hessian_at bw H W) ->
  hessian_above alpha H Wb ->
  minimises (@anything _) (prox alpha Wb) U -> minimises (@anything _) (prox alpha Wb) V ->
  wsame U V.
Proof. exact: (T15_uniqueness reals_complete). Qed.
