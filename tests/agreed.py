"""Who may call what, once more and in words, so that a policy cannot be loosened in one place."""

from app.store.scope import Role

AGREED: dict[str, str] = {
    "everybody": "get_server search_exercises get_exercise get_exercise_figure list_ladders get_ladder"
    " list_symptoms list_conditions"
    " list_auth_methods sign_in change_password redeem_invitation refresh_tokens revoke_tokens",
    "whoever is signed in": "list_devices simulate_rule",
    "patients": "get_me update_me get_my_routine get_my_progress list_my_sessions get_my_session put_my_session"
    " withdraw_my_session list_my_check_ins get_my_check_in put_my_check_in withdraw_my_check_in put_my_request"
    " list_my_requests post_my_reports list_my_decisions answer_my_decision get_my_handout",
    "clinicians": "list_patients create_patient get_patient update_patient invite_patient get_patient_routine"
    " get_patient_progress get_patient_adherence list_patient_sessions list_patient_decisions list_prescriptions"
    " create_prescription get_prescription get_prescription_cert update_prescription order_decision"
    " list_clinic_adherence list_patient_check_ins list_patient_requests answer_patient_request"
    " get_patient_handout put_patient_session list_patient_devices revoke_patient_device"
    " list_absences create_absence end_absence discharge_patient"
    " put_clinic_exercise retire_clinic_exercise put_clinic_ladder retire_clinic_ladder"
    " sign_off_exercise withdraw_exercise_sign_off hide_exercise show_exercise"
    " sign_off_ladder withdraw_ladder_sign_off hide_ladder show_ladder"
    " list_plan_templates create_plan_template get_plan_template update_plan_template remove_plan_template"
    " apply_plan_template export_clinic_adherence list_worklist acknowledge_item",
    "staff": "get_clinic list_clinicians get_clinician search_clinic_exercises get_clinic_exercise list_clinic_ladders"
    " get_clinic_ladder",
    "admins": "replace_clinic create_clinician update_clinician list_webhooks create_webhook get_webhook update_webhook"
    " remove_webhook rotate_webhook_secret try_webhook list_webhook_deliveries",
}
MEANT: dict[str, frozenset[Role]] = {
    "everybody": frozenset({Role.ANONYMOUS, Role.PATIENT, Role.CLINICIAN, Role.CLINIC_ADMIN}),
    "whoever is signed in": frozenset({Role.PATIENT, Role.CLINICIAN, Role.CLINIC_ADMIN}),
    "patients": frozenset({Role.PATIENT}),
    "clinicians": frozenset({Role.CLINICIAN}),
    "staff": frozenset({Role.CLINICIAN, Role.CLINIC_ADMIN}),
    "admins": frozenset({Role.CLINIC_ADMIN}),
}
