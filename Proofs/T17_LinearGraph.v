(** * T17: any graph that is linear in its parameters *)

From Proofs Require Import Preamble Matrices Network.

(** A graph with [m] scalar nodes, all nodes and all examples of the mini-batch stacked in topological order, and one vector
    of [k] parameters, shared anywhere: [h = offset h + design h w], where the activations are part of both maps. *)
Record linear_graph (R : realFieldType) (m k : nat) := LinearGraph {
  offset : 'cV[R]_m -> 'cV[R]_m;        (* c(a) *)
  design : 'cV[R]_m -> 'M[R]_(m, k);    (* A(a) *)
  graph_loss : 'cV[R]_m -> R
}.

(* The Moore-Penrose inverse of the transpose, and of the Gram matrix of the rows. *)
Lemma pinv_tr (R : realFieldType) m n (A : 'M[R]_(m, n)) : pinv A^T = (pinv A)^T.
Proof.
apply: (pinv_unique (pinvK _) (pinvKr _) (pinv_syml _) (pinv_symr _)).
- by rewrite -!trmx_mul mulmxA pinvK.
- by rewrite -!trmx_mul mulmxA pinvKr.
- by rewrite -trmx_mul trmxK pinv_symr.
- by rewrite -trmx_mul trmxK pinv_syml.
Qed.

Lemma pinv_row_gram (R : realFieldType) m n (A : 'M[R]_(m, n)) : pinv (A *m A^T) = (pinv A)^T *m pinv A.
Proof. by have := pinv_gram A^T; rewrite trmxK pinv_tr trmxK. Qed.

Section LinearGraph.
Variables (R : realFieldType) (m k : nat) (graph : linear_graph R m k).
Implicit Types (h : 'cV[R]_m) (w : 'cV[R]_k).

(** Predictions, and the graph's order: no node's prediction looks at itself or a later node. *)
Definition prediction w h : 'cV[R]_m := offset graph h + design graph h *m w.
Definition causal : Prop := forall w h h' (i : 'I_m),
  (forall j : 'I_m, (j < i)%N -> h j ord0 = h' j ord0) -> prediction w h i ord0 = prediction w h' i ord0.

(** [h] is the feedforward pass of [w]. *)
Definition is_pass w h : Prop := h = prediction w h.

(** Errors at the weights [wb]; they are admissible if some change of the parameters removes them. *)
Definition graph_error wb h : 'cV[R]_m := h - prediction wb h.
Definition in_range wb h : Prop := exists v, design graph h *m v = graph_error wb h.

Definition graph_prox alpha wb w h : R := graph_loss graph h + (2 * alpha)^-1 * nsq (w - wb).
Definition graph_energy alpha wb h : R := graph_loss graph h
  + (2 * alpha)^-1 * \tr ((graph_error wb h)^T *m pinv (design graph h *m (design graph h)^T) *m graph_error wb h).
Definition graph_updated wb h : 'cV[R]_k := wb + pinv (design graph h) *m graph_error wb h.

(* The quadratic part is the squared length of the update. *)
Lemma graph_quadratic (A : 'M[R]_(m, k)) (e : 'cV[R]_m) :
  \tr (e^T *m pinv (A *m A^T) *m e) = nsq (pinv A *m e).
Proof. by rewrite pinv_row_gram mulmxA -trmx_mul -mulmxA /nsq /dot mxtrace_mulC. Qed.

(* Pythagoras for parameters that remove an error. *)
Lemma graph_pythagoras (A : 'M[R]_(m, k)) v (e : 'cV[R]_m) : A *m v = e ->
  nsq v = nsq (pinv A *m e) + nsq (v - pinv A *m e).
Proof.
move=> Ae; have Ae' : v^T *m A^T = e^T by rewrite -trmx_mul Ae.
have := min_norm Ae'; rewrite pinv_tr -trmx_mul -linearB /= !nsq_tr; exact.
Qed.

Lemma pass_range wb w h : is_pass w h -> design graph h *m (w - wb) = graph_error wb h.
Proof.
move=> hw; rewrite /graph_error {2}hw /prediction mulmxBr opprD addrACA subrr add0r; by [].
Qed.

Lemma updated_pass wb h : in_range wb h -> is_pass (graph_updated wb h) h.
Proof.
move=> [v ve]; rewrite /is_pass /prediction /graph_updated mulmxDr addrA -/(prediction wb h).
have -> : design graph h *m (pinv (design graph h) *m graph_error wb h) = graph_error wb h.
  by rewrite -ve mulmxA (mulmxA _ (design graph h)) pinvK.
by rewrite /graph_error addrC subrK.
Qed.

(* A causal graph has one pass. *)
Lemma pass_unique w h h' : causal -> is_pass w h -> is_pass w h' -> h = h'.
Proof.
move=> ca hw hw'.
have eq n (i : 'I_m) : (i < n)%N -> h i ord0 = h' i ord0.
  elim: n i => // n IH i; rewrite ltnS => le.
  by rewrite hw hw'; apply: ca => j lj; apply: IH; apply: leq_trans le.
by apply/colP => i; apply: (eq m).
Qed.

Lemma pass_exists w : causal -> exists h, is_pass w h.
Proof.
move=> ca; pose step t := iter t (prediction w) 0.
have still t (i : 'I_m) : (i < t)%N -> step t.+1 i ord0 = step t i ord0.
  elim: t i => // t IH i; rewrite ltnS => le.
  rewrite {1}/step iterS [in RHS]/step iterS; apply: ca => j lj.
  by apply: IH; apply: leq_trans le.
exists (step m); apply/colP => i.
by have := still m i (ltn_ord i); rewrite {1}/step iterS => <-.
Qed.

End LinearGraph.

(** The theorem.  [P_alpha(w)] is the proximal objective at the pass [h] of [w]. *)
Theorem T17_linear_graph (R : realFieldType) (m k : nat) (graph : linear_graph R m k) (alpha : R)
    (wb : 'cV[R]_k) : causal graph -> 0 < alpha ->
  [/\ (* every vector of parameters has one feedforward pass *)
      forall w, exists2 h, is_pass graph w h & forall h', is_pass graph w h' -> h' = h,
      (* whose errors are admissible, and where Pythagoras splits the objective *)
      forall w h, is_pass graph w h ->
        in_range graph wb h /\
        graph_prox graph alpha wb w h = graph_energy graph alpha wb h
          + (2 * alpha)^-1 * nsq (w - graph_updated graph wb h),
      (* conversely admissible activities are the pass of their update, at the price of their energy (T7) *)
      forall h, in_range graph wb h ->
        is_pass graph (graph_updated graph wb h) h /\
        graph_prox graph alpha wb (graph_updated graph wb h) h = graph_energy graph alpha wb h
    & (* hence the same lower bounds *)
      forall c, (forall w h, is_pass graph w h -> c <= graph_prox graph alpha wb w h) <->
                (forall h, in_range graph wb h -> c <= graph_energy graph alpha wb h)].
Proof.
move=> ca a0; have i0 : 0 <= (2 * alpha)^-1 by rewrite invr_ge0 mulr_ge0 ?ler0n ?(ltW a0).
have split_prox w h : is_pass graph w h ->
    in_range graph wb h /\
    graph_prox graph alpha wb w h = graph_energy graph alpha wb h
      + (2 * alpha)^-1 * nsq (w - graph_updated graph wb h).
  move=> hw; have re := pass_range wb hw; split; first by exists (w - wb).
  rewrite /graph_prox /graph_energy graph_quadratic -addrA -mulrDr (graph_pythagoras re).
  by rewrite /graph_updated opprD addrA.
have attained h : in_range graph wb h ->
    is_pass graph (graph_updated graph wb h) h /\
    graph_prox graph alpha wb (graph_updated graph wb h) h = graph_energy graph alpha wb h.
  move=> rh; have pass := updated_pass rh; split=> //.
  by rewrite (split_prox _ _ pass).2 subrr nsq0 mulr0 addr0.
split=> // [w|c].
- have [h hw] := pass_exists w ca; exists h => // h' hw'; exact: pass_unique ca hw' hw.
- split=> [lb h rh|lb w h hw].
  + by rewrite -(attained h rh).2; apply: lb; apply: (attained h rh).1.
  + have [rh ->] := split_prox w h hw; apply: le_trans (lb h rh) _.
    by rewrite ler_addl mulr_ge0 ?nsq_ge0.
Qed.
