(** * T1: the least-norm local update *)

From Proofs Require Import Preamble Matrices.

(** Any rank: as soon as [D F = E] has a solution, [E F^+] is one, it has the least Frobenius
    norm, and every other solution is longer by its distance from it. *)
Theorem T01_any_rank (R : realFieldType) (m k B : nat) (F : 'M[R]_(k, B)) (E : 'M[R]_(m, B)) :
  (exists D, D *m F = E) ->
  let D0 := E *m pinv F in
  [/\ D0 *m F = E,
      forall D, D *m F = E -> nsq D = nsq D0 + nsq (D - D0),
      forall D, D *m F = E -> nsq D0 <= nsq D
    & forall D, D *m F = E -> nsq D <= nsq D0 -> D = D0].
Proof.
move=> [D1 e1] D0; split=> [|D|D|D].
- exact: min_norm_solves e1.
- exact: min_norm.
- by move=> /min_norm ->; rewrite ler_addl nsq_ge0.
- move=> /min_norm ->; rewrite ger_addl => le0.
  by apply/eqP; rewrite -subr_eq0 -nsq_eq0 eq_le le0 nsq_ge0.
Qed.

(** The batch form: for [F] with independent columns (full column rank, [\rank F = B]),
    [D0 = E (F^T F)^-1 F^T] is the unique least-norm solution of [D F = E]. *)
Theorem T01_batch (R : realFieldType) (m k B : nat) (F : 'M[R]_(k, B)) (E : 'M[R]_(m, B)) :
  \rank F = B ->
  let D0 := E *m invmx (F^T *m F) *m F^T in
  [/\ D0 *m F = E,
      nsq D0 = \tr (E *m invmx (F^T *m F) *m E^T),
      forall D, D *m F = E -> nsq D0 <= nsq D
    & forall D, D *m F = E -> nsq D <= nsq D0 -> D = D0].
Proof.
move=> rF D0.
have uK : F^T *m F \in unitmx by rewrite gram_unit /row_free mxrank_tr rF.
have D0E : D0 = E *m pinv F by rewrite pinv_full // mulmxA.
have sol : exists D, D *m F = E by exists D0; rewrite D0E pinv_full_solves.
have [h1 h2 h3 h4] := T01_any_rank sol.
by rewrite D0E; split=> //; apply: nsq_pinv_full.
Qed.

(** One example: for [f <> 0], [D0 = e f^T / ||f||^2]. *)
Theorem T01_minimum_norm_update (R : realFieldType) (m k : nat) (f : 'cV[R]_k) (e : 'cV[R]_m) :
  f != 0 ->
  let D0 := (nsq f)^-1 *: (e *m f^T) in
  [/\ D0 *m f = e,
      nsq D0 = nsq e / nsq f,
      forall D, D *m f = e -> nsq D0 <= nsq D
    & forall D, D *m f = e -> nsq D <= nsq D0 -> D = D0].
Proof.
move=> f0 D0.
have D0E : D0 = e *m pinv f by rewrite pinv_col -scalemxAr.
have uK : f^T *m f \in unitmx by rewrite gram_col unitmxE det_scalar1 unitfE nsq_eq0.
have sol : exists D, D *m f = e by exists D0; rewrite D0E pinv_full_solves.
have [h1 h2 h3 h4] := T01_any_rank sol.
by rewrite D0E; split=> //; apply: nsq_pinv_col.
Qed.
